package dev.modelgate.trail;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** The lines of the trail in an exported file, one after the other, whatever its size. */
final class ExportedLines {
  /** The longest line, in bytes: an event of the log with all of its changes. */
  private static final int BYTES_MAX = 16 << 20;

  private static final byte[] OF_TRAIL = "{\"sequence\":".getBytes(StandardCharsets.UTF_8);

  private ExportedLines() {}

  /** Takes a line. */
  @FunctionalInterface
  interface Taker {
    void take(byte[] line, long number);
  }

  static void read(Path file, Taker taker) throws IOException {
    try (InputStream plain = Files.newInputStream(file);
        InputStream bytes =
            new BufferedInputStream(
                file.toString().endsWith(".gz") ? new GZIPInputStream(plain) : plain, 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      long number = 0;
      for (int next = bytes.read(); next >= 0; next = bytes.read()) {
        if (next != '\n') {
          line.write(next);
          if (line.size() > BYTES_MAX) {
            throw new IOException(
                "line " + (number + 1) + " has more than " + BYTES_MAX + " bytes");
          }
          continue;
        }
        take(line.toByteArray(), ++number, taker);
        line.reset();
      }
      if (line.size() > 0) {
        taker.take(line.toByteArray(), ++number); // Torn: an event ends in the end of a line.
      }
    }
  }

  /** Hands on a line of the trail, or that of an event; nothing of an event of the change log. */
  private static void take(byte[] line, long number, Taker taker) {
    boolean ofTrail =
        line.length >= OF_TRAIL.length
            && Arrays.equals(line, 0, OF_TRAIL.length, OF_TRAIL, 0, OF_TRAIL.length);
    if (ofTrail) {
      taker.take(line, number);
      return;
    }
    try {
      JsonElement event = JsonParser.parseString(new String(line, StandardCharsets.UTF_8));
      if (event.getAsJsonObject().get("trail") instanceof JsonObject trail) {
        JsonElement text = trail.get("line");
        String of = text == null ? "" : text.getAsString();
        taker.take(of.getBytes(StandardCharsets.UTF_8), number);
      }
    } catch (JsonParseException | IllegalStateException e) {
      taker.take(line, number); // Which says what is wrong with it.
    }
  }
}
