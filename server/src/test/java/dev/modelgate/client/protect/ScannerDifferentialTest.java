package dev.modelgate.client.protect;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.modelgate.client.protect.ServingMessages.Served;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Messages that were tampered with at random, read by the scanner and by the parser of real servers
 * (hazard 36). The seed of a failure is in its text.
 */
final class ScannerDifferentialTest {
  private static final int ROUNDS = 40_000;
  private static final List<String> TEXTS = List.of("mine", "theirs", "", "1", "03", "stable");

  @Test
  void messages_tamperedWith_areReadAsTheServerReadsThem_orRefused() {
    List<String> different = differing(true);
    assertTrue(different.isEmpty(), different::toString);
  }

  /** The negative control: what the rule about second occurrences is for. */
  @Test
  void messages_tamperedWith_withoutTheRuleAboutSecondOccurrences_areReadOtherwise() {
    assertTrue(!differing(false).isEmpty(), "the rounds do not show what the rule is for");
  }

  private static List<String> differing(boolean refuseSecond) {
    List<String> different = new ArrayList<>();
    int told = 0;
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      Served served = ServingMessages.ALL.get(random.nextInt(ServingMessages.ALL.size()));
      byte[] message = message(random, 0);
      Outcome scanned =
          ScannerTarget.rule(served).scan(new WireInput(ByteBuffer.wrap(message)), refuseSecond);
      told += scanned instanceof Outcome.Targets ? 1 : 0;
      if (!ScannerTarget.agree(served, message, scanned)) {
        different.add(
            "seed " + seed + ", " + served.method() + ": " + HexFormat.of().formatHex(message));
      }
    }
    assertTrue(told > ROUNDS / 50, "only " + told + " messages were told, seed " + seed);
    return different;
  }

  /** A few fields of small numbers, well-formed or not, some of them messages again. */
  private static byte[] message(Random random, int depth) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (int fields = random.nextInt(4); fields >= 0; fields--) {
        field(random, depth, out);
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] message = bytes.toByteArray();
    if (random.nextInt(20) == 0 && message.length > 0) {
      message[random.nextInt(message.length)] = (byte) random.nextInt(256);
    }
    return message;
  }

  private static void field(Random random, int depth, CodedOutputStream out) throws IOException {
    int number = 1 + random.nextInt(4);
    switch (random.nextInt(12)) {
      case 0 -> out.writeInt64(number, random.nextInt(4));
      case 1 -> out.writeFixed32(number, 7);
      case 2 -> {
        // An overlong tag.
        out.writeRawByte(number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED | 0x80);
        out.writeRawByte(0);
        out.writeStringNoTag("theirs");
      }
      case 3, 4, 5, 6 -> out.writeBytes(1, specification(random));
      case 7 -> out.writeString(number, TEXTS.get(random.nextInt(TEXTS.size())));
      default -> {
        if (depth == 3) {
          out.writeString(number, TEXTS.get(random.nextInt(TEXTS.size())));
        } else {
          out.writeBytes(number, ByteString.copyFrom(message(random, depth + 1)));
        }
      }
    }
  }

  /** A model's name and version as TensorFlow Serving has them, each there or not. */
  private static ByteString specification(Random random) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    if (random.nextBoolean()) {
      out.writeString(1, TEXTS.get(random.nextInt(TEXTS.size())));
    }
    if (random.nextBoolean()) {
      ByteArrayOutputStream version = new ByteArrayOutputStream();
      CodedOutputStream value = CodedOutputStream.newInstance(version);
      if (random.nextBoolean()) {
        value.writeInt64(1, random.nextInt(4));
      }
      value.flush();
      out.writeByteArray(2, version.toByteArray());
    }
    out.flush();
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
