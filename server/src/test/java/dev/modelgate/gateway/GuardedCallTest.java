package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a guard does not let pass does not pass, and what it lets pass does. */
final class GuardedCallTest {
  private static final Metadata.Key<String> USER =
      Metadata.Key.of("x-user", Metadata.ASCII_STRING_MARSHALLER);
  private static final Refusal DENIED =
      Refusal.of(Status.Code.PERMISSION_DENIED, "NO_GRANT", "NO_GRANT");

  /** A guard whose verdicts the test gives, one for each message. */
  private static final class Scripted implements Guard {
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    private final CompletableFuture<Consumer<Refusal>> cut = new CompletableFuture<>();
    private final AtomicInteger ended = new AtomicInteger();

    record Asked(byte[] bytes, CompletableFuture<Optional<Refusal>> verdict) {
      void pass() {
        verdict.complete(Optional.empty());
      }

      void deny() {
        verdict.complete(Optional.of(DENIED));
      }
    }

    Asked next() throws InterruptedException {
      Asked next = asked.poll(30, TimeUnit.SECONDS);
      assertTrue(next != null, "nothing was asked");
      return java.util.Objects.requireNonNull(next);
    }

    @Override
    public CompletableFuture<Optional<Refusal>> judge(Message message) {
      Asked next;
      try {
        byte[] once = message.look(bytes -> bytes.readNBytes(3));
        byte[] twice = message.look(java.io.InputStream::readAllBytes);
        assertArrayEquals(once, java.util.Arrays.copyOf(twice, once.length));
        next = new Asked(twice, new CompletableFuture<>());
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      asked.add(next);
      return next.verdict();
    }

    @Override
    public void strip(Metadata headers) {
      headers.discardAll(USER);
    }

    @Override
    public void begun(Consumer<Refusal> cutter) {
      cut.complete(cutter);
    }

    @Override
    public void end() {
      ended.incrementAndGet();
    }
  }

  private static void assertDenied(Caller caller) throws Exception {
    Caller.Ended ended = caller.ended();
    assertEquals(Status.Code.PERMISSION_DENIED, ended.status().getCode());
    assertEquals("NO_GRANT", Reasons.of(ended));
  }

  /** Hazard 36: not a byte, and not even that there is a call. */
  @Test
  void message_beforeItsVerdict_doesNotReachTheUpstream() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      byte[] message = new byte[100_000];
      message[0] = 1;
      Caller caller = bed.call("Infer").send(message).half();
      Scripted.Asked asked = guard.next();
      assertArrayEquals(message, asked.bytes());
      bed.ping(5);
      assertEquals(0, bed.begun());
      asked.pass();
      UpstreamCall reached = bed.reached();
      assertArrayEquals(message, reached.next());
      reached.awaitHalfClose();
      reached.begin(new Metadata()).reply(message).end();
      assertArrayEquals(message, caller.next());
      assertTrue(caller.ended().status().isOk());
    }
    assertEquals(1, guard.ended.get());
  }

  @Test
  void firstMessage_thatIsDenied_neverReachesTheUpstream() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      Caller caller = bed.call("Infer").send(new byte[3]).half();
      guard.next().deny();
      assertDenied(caller);
      bed.ping(5);
      assertEquals(0, bed.begun());
    }
    assertEquals(1, guard.ended.get());
  }

  @Test
  void laterMessage_thatIsDenied_endsTheCallWithoutIt() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      Caller caller = bed.call("Chat").send(new byte[] {1, 1, 1});
      guard.next().pass();
      UpstreamCall reached = bed.reached().begin(new Metadata());
      reached.next();
      caller.send(new byte[] {2, 2, 2}).half();
      Scripted.Asked asked = guard.next();
      reached.call().request(1);
      bed.ping(5);
      assertEquals(0, reached.waiting());
      asked.deny();
      assertDenied(caller);
      reached.awaitCancel();
      assertEquals(0, reached.waiting());
    }
    assertEquals(1, guard.ended.get());
  }

  @Test
  void verdict_thatFails_refusesAsUnavailable() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      Caller caller = bed.call("Infer").send(new byte[3]).half();
      guard.next().verdict().completeExceptionally(new IllegalStateException("by the test"));
      Caller.Ended ended = caller.ended();
      assertEquals(Status.Code.UNAVAILABLE, ended.status().getCode());
      assertEquals("AUTHORIZATION_UNAVAILABLE", Reasons.of(ended));
      assertEquals(0, bed.begun());
    }
  }

  @Test
  void guard_thatThrows_refuses() throws Exception {
    Guard broken =
        message -> {
          throw new IllegalStateException("by the test");
        };
    try (GatewayBed bed = GatewayBed.settings().guard(broken).start()) {
      Caller.Ended ended = bed.call("Infer").send(new byte[3]).half().ended();
      assertEquals(Status.Code.INTERNAL, ended.status().getCode());
      assertEquals(0, bed.begun());
    }
  }

  @Test
  void admission_thatThrows_refuses() throws Exception {
    try (GatewayBed bed =
        GatewayBed.settings()
            .admission(
                (method, headers, connection) -> {
                  throw new IllegalStateException("by the test");
                })
            .start()) {
      Caller.Ended ended = bed.call("Infer").send(new byte[3]).half().ended();
      assertTrue(!ended.status().isOk());
      assertEquals(0, bed.begun());
    }
  }

  @Test
  void callWithoutAMessage_isRefused() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      Caller.Ended ended = bed.call("Infer").half().ended();
      assertEquals(Status.Code.PERMISSION_DENIED, ended.status().getCode());
      assertEquals("NO_MODEL", Reasons.of(ended));
      assertEquals(0, bed.begun());
    }
  }

  @Test
  void runningCall_thatIsCut_endsForBoth() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      Caller caller = bed.call("Generate").send(new byte[3]).half();
      guard.next().pass();
      UpstreamCall reached = bed.reached().begin(new Metadata()).reply(new byte[] {9});
      assertEquals(9, caller.next()[0]);
      guard.cut.get(30, TimeUnit.SECONDS).accept(DENIED);
      assertDenied(caller);
      reached.awaitCancel();
      guard.cut.get().accept(DENIED);
    }
    assertEquals(1, guard.ended.get());
  }

  @Test
  void callerWhoCancels_whileAVerdictIsAwaited_leavesNothing() throws Exception {
    Scripted guard = new Scripted();
    try (GatewayBed bed = bed(guard)) {
      Caller caller = bed.call("Infer").send(new byte[100_000]);
      Scripted.Asked asked = guard.next();
      caller.cancel();
      GatewayBed.await(() -> guard.ended.get() == 1, "the guard was not told");
      GatewayBed.await(() -> bed.gateway().bytes() == 0, "bytes are held");
      asked.pass();
      bed.ping(5);
      assertEquals(0, bed.begun());
    }
    assertEquals(1, guard.ended.get());
  }

  @Test
  void headers_thatTheGuardStrips_areNotForwarded() throws Exception {
    Scripted guard = new Scripted();
    Metadata headers = new Metadata();
    headers.put(USER, "ana");
    try (GatewayBed bed = bed(guard)) {
      Caller.of(bed.channel(), "Infer", CallOptions.DEFAULT, headers).send(new byte[3]);
      guard.next().pass();
      assertNull(bed.reached().headers().get(USER));
    }
  }

  private static GatewayBed bed(Scripted guard) throws Exception {
    return GatewayBed.settings()
        .admission(
            (method, headers, connection) ->
                new Admission.Verdict.Asks(method.endsWith("/Ping") ? Guard.OPEN : guard))
        .start();
  }
}
