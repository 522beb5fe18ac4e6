package dev.modelgate.store.rocksdb;

import dev.modelgate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whether a directory takes and syncs another {@value #BYTES} bytes: asked before a working
 * database is closed, for on a full disk it could not be opened again.
 */
final class SpaceProbe {
  static final int BYTES = 1 << 20;

  private static final String FILE_NAME = "space.probe";

  private SpaceProbe() {}

  /**
   * Writes, syncs and removes a file.
   *
   * @throws StoreException when that fails
   */
  static void require(Path directory) {
    Path file = directory.resolve(FILE_NAME);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.DELETE_ON_CLOSE)) {
      ByteBuffer bytes = ByteBuffer.allocate(BYTES);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      deleteQuietly(file);
      throw new StoreException("`" + directory + "` cannot be written: " + e.getMessage(), e);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The next probe overwrites it.
      return;
    }
  }
}
