package dev.modelgate.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files that must not be large. What is in one is never part of an error. */
final class SmallFile {
  private SmallFile() {}

  /**
   * The one word in a file, such as a secret; white space around it does not count.
   *
   * @param bytesMax of the word
   * @throws CliException if the file cannot be read, or holds anything else
   */
  static String readWord(Path file, int bytesMax) {
    String word = readText(file.toString(), InputStream.nullInputStream(), 2 * bytesMax).strip();
    if (word.isEmpty()
        || word.length() > bytesMax
        || !word.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new CliException(
          "`"
              + file
              + "` is malformed (expected: one ASCII word of at most "
              + bytesMax
              + " bytes)");
    }
    return word;
  }

  /**
   * A text.
   *
   * @param file its path, or {@code -} for standard input
   * @param bytesMax in UTF-8
   * @throws CliException if it cannot be read, is larger, or is not UTF-8
   */
  static String readText(String file, InputStream standardInput, int bytesMax) {
    byte[] bytes;
    try {
      if (file.equals("-")) {
        bytes = standardInput.readNBytes(bytesMax + 1);
      } else {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
          bytes = in.readNBytes(bytesMax + 1);
        }
      }
      if (bytes.length > bytesMax) {
        throw new CliException(
            "`" + file + "` is too large (expected: at most " + bytesMax + " bytes)");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CliException("`" + file + "` is not UTF-8", e);
    } catch (IOException e) {
      throw new CliException("cannot read `" + file + "`", e);
    }
  }
}
