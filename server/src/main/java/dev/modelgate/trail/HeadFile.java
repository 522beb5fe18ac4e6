package dev.modelgate.trail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What the last event is, beside the events: without it, events cut off at the end would leave a
 * chain that is whole. Written over in place after the events, 84 bytes at once.
 */
final class HeadFile {
  static final String NAME = "head";

  private HeadFile() {}

  /** The last event; empty when there never was one, or the file is damaged. */
  static Optional<Link> read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file) || Files.size(file) > 1_024) {
      return Optional.empty();
    }
    try {
      return Optional.of(Link.parse(Files.readString(file, StandardCharsets.US_ASCII).strip()));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
  }

  static void write(FileChannel file, Link last) throws IOException {
    String text = String.format(Locale.ROOT, "%018d:%s\n", last.sequence(), last.hash());
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      file.write(bytes, bytes.position());
    }
  }
}
