package dev.modelgate.client.protect;

import dev.modelgate.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Protection documents: refused in one line that names the file, or good for every request. */
public final class ProtectionTarget implements FuzzTarget {
  @Override
  public void read(byte[] input) {
    Protection protection;
    try {
      protection = Protection.parse("fuzz", new String(input, StandardCharsets.UTF_8));
    } catch (ProtectionException e) {
      String message = String.valueOf(e.getMessage());
      FuzzTarget.require(message.startsWith("fuzz"), "names no file: " + message);
      FuzzTarget.require(message.indexOf('\n') < 0, "more than one line");
      return;
    }
    FuzzTarget.require(!protection.parent().isEmpty(), "no parent");
    Outcome unused = protection.http(new HttpRequest("GET", "/v1/models/x", Map.of()));
    protection
        .method("inference.GRPCInferenceService/ModelInfer")
        .ifPresent(rule -> rule.read(ByteBuffer.wrap(new byte[] {0x0a, 1, 'x'})));
  }
}
