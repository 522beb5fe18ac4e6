package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.Answer;
import dev.modelgate.client.Question;
import dev.modelgate.client.protect.Protection;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What of a message is asked for, and for whom. */
final class ProtectedAdmissionTest {
  private static final Callers ANA =
      (headers, connection) ->
          CompletableFuture.completedFuture(
              Optional.of(new Callers.Who("user:ana", List.of(), Instant.MAX)));

  /** Two messages of field 1, each of which names a model in its field 1. */
  private static final byte[] TWO = {10, 3, 10, 1, 'a', 10, 3, 10, 1, 'b'};

  private final List<String> asked = new ArrayList<>();

  /** Hazard 37: every model of a request. */
  @Test
  void messageOfTwoModels_asksForBoth() {
    assertEquals(Optional.empty(), judge(ANA, TWO));
    assertEquals(
        List.of(
            "user:ana organizations/acme/models/a predict",
            "user:ana organizations/acme/models/b predict"),
        asked);
  }

  @Test
  void caller_whoCannotBeRead_isNobody() {
    List<Callers> broken =
        List.of(
            (headers, connection) -> {
              throw new IllegalStateException("by the test");
            },
            (headers, connection) ->
                CompletableFuture.failedFuture(new IllegalStateException("by the test")),
            (headers, connection) -> CompletableFuture.completedFuture(Optional.empty()));
    for (Callers callers : broken) {
      Admission.Verdict verdict =
          admission(callers).admit("acme.v1.Scoring/Score", new Metadata(), Attributes.EMPTY);
      assertEquals(
          Status.Code.UNAUTHENTICATED,
          assertInstanceOf(Admission.Verdict.Refuses.class, verdict).refusal().status().getCode());
    }
  }

  /** A token that is verified while the first message comes. */
  @Test
  void caller_whoIsNobodyInTheEnd_isNotAskedFor() {
    CompletableFuture<Optional<Callers.Who>> late = new CompletableFuture<>();
    CompletableFuture<Optional<Refusal>> verdict =
        guard((headers, connection) -> late).judge(new Plain(TWO));
    assertTrue(!verdict.isDone());
    late.complete(Optional.empty());
    assertEquals(Status.Code.UNAUTHENTICATED, verdict.join().orElseThrow().status().getCode());
    assertEquals(List.of(), asked);
  }

  private Optional<Refusal> judge(Callers callers, byte[] message) {
    return guard(callers).judge(new Plain(message)).join();
  }

  private Guard guard(Callers callers) {
    return assertInstanceOf(
            Admission.Verdict.Asks.class,
            admission(callers).admit("acme.v1.Scoring/Score", new Metadata(), Attributes.EMPTY))
        .guard();
  }

  private Admission admission(Callers callers) {
    return new ProtectedAdmission(
        Protection.parse(
            "protect.yaml",
            """
            parent: organizations/acme
            grpc:
              acme.v1.Scoring:
                Score: {action: predict, model: "1[].1"}
            """),
        callers,
        new HeaderStrip(Set.of()),
        new Inflation(1_000, 1),
        Allowing::new);
  }

  /** Allows all that it is asked. */
  private final class Allowing implements Watches.Watch {
    @Override
    public CompletableFuture<Optional<Answer>> ask(List<Question> questions, Instant until) {
      for (Question each : questions) {
        asked.add(each.principal() + " " + each.model() + " " + each.action());
      }
      return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public void begun(Consumer<Refusal> cut) {}

    @Override
    public void end() {}
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Plain(byte[] bytes) implements Guard.Message {
    @Override
    public <T> T look(Reader<T> reader) throws IOException {
      return reader.read(new ByteArrayInputStream(bytes));
    }

    @Override
    public boolean isCompressed() {
      return false;
    }
  }
}
