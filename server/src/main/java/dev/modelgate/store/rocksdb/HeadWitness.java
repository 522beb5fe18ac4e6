package dev.modelgate.store.rocksdb;

import dev.modelgate.store.LineageId;
import dev.modelgate.store.Position;
import dev.modelgate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A small file beside the database that remembers how far the log went (hazard 26): RocksDB opens
 * quietly when the end of its log is gone, and must, for after kill -9 the end may be torn.
 *
 * <p>Written after the database was synced, so it is never ahead of what was durable. Two slots are
 * written in turn, so that a torn write leaves the other; overwriting them needs no space on a full
 * disk.
 *
 * <pre>
 *   offset 0 and 512:  fixed32 magic "MGHW" | lineage 16 | position 8 | CRC-32C of these 28 bytes
 * </pre>
 */
final class HeadWitness {
  static final String FILE_NAME = "head.witness";

  private static final int MAGIC = 0x4d474857;
  private static final int SLOT_BYTES = 512;
  private static final int SUMMED_BYTES = 28;

  private final Path file;
  private int slot;

  HeadWitness(Path directory) {
    this.file = directory.resolve(FILE_NAME);
  }

  /** What the file says. */
  record Testimony(LineageId lineage, Position position) {}

  /**
   * The newest of the two slots; empty when there is no file.
   *
   * @throws StoreException when neither slot can be read
   */
  Optional<Testimony> read() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new StoreException("cannot read `" + file + "`: " + e.getMessage(), e);
    }
    Testimony newest = null;
    for (int i = 0; i < 2; i++) {
      Optional<Testimony> found = slot(bytes, i);
      if (found.isPresent()
          && (newest == null || found.get().position().compareTo(newest.position()) > 0)) {
        newest = found.get();
        slot = 1 - i;
      }
    }
    if (newest == null) {
      throw new StoreException("`" + file + "` is damaged: neither slot has a valid checksum");
    }
    return Optional.of(newest);
  }

  private static Optional<Testimony> slot(byte[] bytes, int index) {
    if (bytes.length < (index + 1) * SLOT_BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, index * SLOT_BYTES, SLOT_BYTES);
    boolean magic = in.getInt() == MAGIC;
    Testimony found =
        new Testimony(new LineageId(in.getLong(), in.getLong()), new Position(in.getLong()));
    boolean valid = in.getInt() == checksum(bytes, index * SLOT_BYTES);
    return magic && valid ? Optional.of(found) : Optional.empty();
  }

  private static int checksum(byte[] bytes, int offset) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, SUMMED_BYTES);
    return (int) crc.getValue();
  }

  /** Begins anew with both slots, for a new or forcibly accepted store. */
  void reset(Testimony testimony) throws IOException {
    ByteBuffer both = ByteBuffer.allocate(2 * SLOT_BYTES);
    both.put(encode(testimony)).put(encode(testimony)).flip();
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeFully(channel, both, 0);
      channel.force(true);
    }
    try (FileChannel parent = FileChannel.open(file.resolveSibling(""), StandardOpenOption.READ)) {
      parent.force(true);
    } catch (IOException e) {
      // Windows cannot sync a directory; there the file's own sync has to do.
      if (!System.getProperty("os.name", "").startsWith("Windows")) {
        throw e;
      }
    }
  }

  /** Overwrites the older slot and syncs. One thread. */
  void write(Testimony testimony) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(encode(testimony)), (long) slot * SLOT_BYTES);
      channel.force(false);
    }
    slot = 1 - slot;
  }

  private static byte[] encode(Testimony testimony) {
    byte[] bytes = new byte[SLOT_BYTES];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putInt(MAGIC)
        .putLong(testimony.lineage().high())
        .putLong(testimony.lineage().low())
        .putLong(testimony.position().value())
        .putInt(checksum(bytes, 0));
    return bytes;
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes, long offset)
      throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }
}
