package dev.modelgate.client.protect;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.modelgate.client.protect.ServingMessages.Served;
import dev.modelgate.fuzz.FuzzTarget;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The scan of a message's bytes against the parser of real servers (hazard 36): what the parser
 * reads as the model is what the scan tells, or one of the two refuses. The first byte picks the
 * message.
 */
public final class ScannerTarget implements FuzzTarget {
  private static final Map<String, Protection> PROTECTIONS = new HashMap<>();

  static {
    for (Served served : ServingMessages.ALL) {
      PROTECTIONS.put(
          served.protocol(),
          Protection.parse(
              served.protocol(),
              "parent: organizations/acme\nprotocols: [" + served.protocol() + "]\n"));
    }
  }

  @Override
  public void read(byte[] input) {
    if (input.length > 0) {
      Served served = ServingMessages.ALL.get(Math.floorMod(input[0], ServingMessages.ALL.size()));
      compare(served, Arrays.copyOfRange(input, 1, input.length));
    }
  }

  static MethodRule rule(Served served) {
    Protection protection = PROTECTIONS.get(served.protocol());
    if (protection == null) {
      throw new IllegalStateException("no protection for " + served.protocol());
    }
    return protection.method(served.method()).orElseThrow();
  }

  private static void compare(Served served, byte[] message) {
    MethodRule rule = rule(served);
    Outcome scanned = rule.read(ByteBuffer.wrap(message));
    FuzzTarget.require(
        scanned.equals(rule.read(new ByteArrayInputStream(message))), "stream and buffer differ");
    FuzzTarget.require(agree(served, message, scanned), "the parser reads something else");
  }

  /** Whether the parser of the server reads what was scanned, or one of the two refuses. */
  static boolean agree(Served served, byte[] message, Outcome scanned) {
    if (scanned instanceof Outcome.Malformed) {
      return true;
    }
    Outcome parsed;
    try {
      parsed = rule(served).read(DynamicMessage.parseFrom(served.request(), message));
    } catch (InvalidProtocolBufferException e) {
      return true;
    }
    return targets(parsed).equals(targets(scanned));
  }

  private static Set<Target> targets(Outcome outcome) {
    return outcome instanceof Outcome.Targets asked ? Set.copyOf(asked.targets()) : Set.of();
  }
}
