package dev.modelgate.client.protect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases that Java, Python and Go have in common. */
final class VectorsTest {
  private static final Vectors VECTORS = Vectors.read();

  static List<Vectors.GrpcCase> grpc() {
    return VECTORS.grpc();
  }

  static List<Vectors.HttpCase> http() {
    return VECTORS.http();
  }

  static List<Vectors.Refused> refused() {
    return VECTORS.refused();
  }

  @ParameterizedTest
  @MethodSource("grpc")
  void message_asBuffer_asksAsExpected(Vectors.GrpcCase given) {
    ByteBuffer buffer = ByteBuffer.wrap(given.message()).asReadOnlyBuffer();
    assertEquals(given.outcome(), Vectors.outcome(ask(given, rule -> rule.read(buffer))));
    assertEquals(0, buffer.position(), "the buffer is left as it was");
  }

  @ParameterizedTest
  @MethodSource("grpc")
  void message_asStream_asksAsExpected(Vectors.GrpcCase given) {
    InputStream stream = new ByteArrayInputStream(given.message());
    assertEquals(given.outcome(), Vectors.outcome(ask(given, rule -> rule.read(stream))));
  }

  @ParameterizedTest
  @MethodSource("grpc")
  void message_inStreamOfSingleBytes_asksAsExpected(Vectors.GrpcCase given) {
    InputStream stream =
        new ByteArrayInputStream(given.message()) {
          @Override
          public synchronized int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, 1));
          }

          @Override
          public synchronized long skip(long bytes) {
            return super.skip(Math.min(bytes, 1));
          }
        };
    assertEquals(given.outcome(), Vectors.outcome(ask(given, rule -> rule.read(stream))));
  }

  private static Outcome ask(Vectors.GrpcCase given, Function<MethodRule, Outcome> read) {
    Optional<MethodRule> rule = given.protection().method(given.method());
    return rule.isEmpty() ? new Outcome.Unmapped("no rule") : read.apply(rule.get());
  }

  @ParameterizedTest
  @MethodSource("http")
  void request_asksAsExpected(Vectors.HttpCase given) {
    byte[] body = given.body();
    Outcome outcome =
        body == null
            ? given.protection().http(given.request())
            : given.protection().http(given.request(), body, given.complete());
    assertEquals(given.outcome(), Vectors.outcome(outcome), outcome::toString);
  }

  @Test
  void model_always_mapsToItsId() {
    Protection protection =
        Protection.parse("p.yaml", "parent: organizations/acme\nprotocols: [openai]\n");
    for (Map.Entry<String, String> name : VECTORS.names().entrySet()) {
      assertEquals(
          Optional.of("organizations/acme/models/" + name.getValue()),
          protection.resource(name.getKey()));
    }
  }

  @ParameterizedTest
  @MethodSource("refused")
  void document_bad_isRefusedWithItsLine(Vectors.Refused given) {
    ProtectionException refusal =
        assertThrows(ProtectionException.class, () -> Protection.parse("p.yaml", given.document()));
    assertTrue(
        String.valueOf(refusal.getMessage()).startsWith("p.yaml, line " + given.line() + ": "),
        refusal::getMessage);
  }

  @Test
  void streamThatFails_isNotTakenForAMessage() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };
    MethodRule rule =
        VECTORS
            .grpc()
            .get(0)
            .protection()
            .method("inference.GRPCInferenceService/ModelInfer")
            .get();
    assertThrows(UncheckedIOException.class, () -> rule.read(failing));
  }
}
