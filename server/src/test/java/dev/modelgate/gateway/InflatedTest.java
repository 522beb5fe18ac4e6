package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

/** What is inflated is what was compressed, or it is refused. */
final class InflatedTest {
  private static byte[] compressed(byte[] plain, String encoding) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        encoding.equals("gzip") ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private static byte[] inflated(byte[] compressed, String encoding, long bytesMax)
      throws IOException {
    try (Inflated inflated =
        new Inflated(new ByteArrayInputStream(compressed), encoding, bytesMax)) {
      return inflated.readAllBytes();
    }
  }

  @Test
  void message_ofAnyLength_isInflated() throws IOException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (String encoding : Codecs.NAMES) {
      for (int length : new int[] {0, 1, 8_191, 8_192, 8_193, 300_000}) {
        byte[] plain = new byte[length];
        random.nextBytes(plain);
        Arrays.fill(plain, 0, length / 2, (byte) 7);
        assertArrayEquals(
            plain,
            inflated(compressed(plain, encoding), encoding, length),
            () -> encoding + ", " + length + ", seed " + seed);
      }
    }
  }

  @Test
  void message_thatIsSkipped_isReadToItsEnd() throws IOException {
    byte[] plain = new byte[100_000];
    plain[99_999] = 9;
    for (String encoding : Codecs.NAMES) {
      try (Inflated inflated =
          new Inflated(new ByteArrayInputStream(compressed(plain, encoding)), encoding, 100_000)) {
        inflated.skipNBytes(99_999);
        assertEquals(9, inflated.read());
        assertEquals(-1, inflated.read());
      }
    }
  }

  @Test
  void message_beyondTheBound_isRefused() throws IOException {
    for (String encoding : Codecs.NAMES) {
      byte[] bomb = compressed(new byte[1 << 20], encoding);
      assertThrows(Inflated.TooLongException.class, () -> inflated(bomb, encoding, (1 << 20) - 1));
      assertEquals(1 << 20, inflated(bomb, encoding, 1 << 20).length);
    }
  }

  /** Hazard 36: some libraries read only the first member, some all. */
  @Test
  void bytesBehindTheEnd_areRefused() throws IOException {
    for (String encoding : Codecs.NAMES) {
      byte[] one = compressed(new byte[] {1, 2, 3}, encoding);
      byte[] two = Arrays.copyOf(one, 2 * one.length);
      System.arraycopy(one, 0, two, one.length, one.length);
      assertThrows(ZipException.class, () -> inflated(two, encoding, 1_000));
      assertThrows(
          ZipException.class, () -> inflated(Arrays.copyOf(one, one.length + 1), encoding, 1_000));
    }
  }

  @Test
  void everyBitThatIsFlipped_isRefusedOrSaysTheSame() throws IOException {
    byte[] plain =
        "a message that names a model, and nothing else".getBytes(StandardCharsets.UTF_8);
    for (String encoding : Codecs.NAMES) {
      byte[] good = compressed(plain, encoding);
      for (int bit = 0; bit < 8 * good.length; bit++) {
        byte[] bad = good.clone();
        bad[bit / 8] ^= (byte) (1 << (bit % 8));
        try {
          assertArrayEquals(plain, inflated(bad, encoding, 1_000));
        } catch (ZipException | Inflated.TooLongException e) {
          // Refused.
        }
      }
    }
  }

  /** Hazard 36: who reads them begins elsewhere than who overlooks them. */
  @Test
  void gzip_withOptionalFields_isRefused() throws IOException {
    for (int bit = 0; bit < 8; bit++) {
      byte[] flagged = compressed(new byte[] {1, 2, 3}, "gzip");
      flagged[3] = (byte) (1 << bit);
      assertThrows(ZipException.class, () -> inflated(flagged, "gzip", 1_000));
    }
  }

  @Test
  void everyBeginning_isRefused() throws IOException {
    for (String encoding : Codecs.NAMES) {
      byte[] good = compressed(new byte[100], encoding);
      for (int length = 0; length < good.length; length++) {
        byte[] part = Arrays.copyOf(good, length);
        assertThrows(ZipException.class, () -> inflated(part, encoding, 1_000));
      }
    }
  }
}
