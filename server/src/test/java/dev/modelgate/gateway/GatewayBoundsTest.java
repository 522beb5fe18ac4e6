package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A gateway holds no more than it was told to, and nobody's slowness is another's. */
final class GatewayBoundsTest {
  private static final int KIB_64 = 64 << 10;
  private static final long WINDOWS = 2L * GatewayBed.WINDOW;

  /** Messages wait for a verdict that the test gives. */
  private static final class Waiting implements Guard {
    private final CompletableFuture<Optional<Refusal>> verdict = new CompletableFuture<>();

    @Override
    public CompletableFuture<Optional<Refusal>> judge(Message message) {
      return verdict;
    }
  }

  @Test
  void message_aboveTheBound_isRefusedAndReachesNobody() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().messageBytesMax(1_000).start()) {
      Caller within = bed.call("Infer").send(new byte[1_000]);
      assertEquals(1_000, bed.reached().next().length);
      within.cancel();
      Caller above = bed.call("Infer").send(new byte[1_001]).half();
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, above.ended().status().getCode());
    }
  }

  @Test
  void reply_aboveTheBound_endsTheCall() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().messageBytesMax(1_000).start()) {
      Caller caller = bed.call("Infer").send(new byte[1]).half();
      UpstreamCall reached = bed.reached();
      reached.begin(new Metadata()).reply(new byte[1_001]);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, caller.ended().status().getCode());
      reached.awaitCancel();
    }
  }

  /** What a reader does not ask for stays with the upstream, but for the windows on the way. */
  @Test
  void reader_whoIsSlow_holdsUpTheUpstream() throws Exception {
    int messages = 256;
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Generate").send(new byte[1]).half();
      UpstreamCall reached = bed.reached().begin(new Metadata());
      int sent = 0;
      for (int round = 0; round < 50; round++) {
        for (; sent < messages && reached.call().isReady(); sent++) {
          reached.reply(new byte[KIB_64]);
        }
        bed.ping(2);
      }
      int ahead = sent;
      assertTrue(ahead < 24, () -> ahead + " messages of 64 KiB for a reader who took none");
      assertTrue(bed.gateway().bytes() < WINDOWS + 4 * KIB_64, () -> "" + bed.gateway().bytes());
      for (int taken = 0; taken < messages; taken++) {
        if (sent == taken) {
          GatewayBed.await(reached.call()::isReady, "the upstream is held up for ever");
        }
        for (; sent < messages && reached.call().isReady(); sent++) {
          reached.reply(new byte[KIB_64]);
        }
        assertEquals(KIB_64, caller.next().length);
      }
      reached.end();
      assertTrue(caller.ended().status().isOk());
    }
  }

  @Test
  void upstream_whoIsSlow_holdsUpTheCaller() throws Exception {
    int messages = 256;
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Upload").send(new byte[KIB_64]);
      UpstreamCall reached = bed.reached();
      int sent = 1;
      for (int round = 0; round < 50; round++) {
        for (; sent < messages && caller.isReady(); sent++) {
          caller.send(new byte[KIB_64]);
        }
        bed.ping(2);
      }
      int ahead = sent;
      assertTrue(ahead < 24, () -> ahead + " messages of 64 KiB for an upstream who took none");
      assertTrue(bed.gateway().bytes() < WINDOWS + 4 * KIB_64, () -> "" + bed.gateway().bytes());
      for (int taken = 0; taken < messages; taken++) {
        if (sent == taken) {
          GatewayBed.await(caller::isReady, "the caller is held up for ever");
        }
        for (; sent < messages && caller.isReady(); sent++) {
          caller.send(new byte[KIB_64]);
        }
        assertEquals(KIB_64, reached.next().length);
      }
      caller.half();
      reached.awaitHalfClose();
      reached.end();
      assertTrue(caller.ended().status().isOk());
    }
  }

  @Test
  void bytesHeld_aboveTheBudget_endTheCallThatBroughtThem() throws Exception {
    Waiting waiting = new Waiting();
    int size = 1 << 20;
    try (GatewayBed bed =
        GatewayBed.settings()
            .messageBytesMax(size)
            .bytesMax(2 * WINDOWS + size + size / 2)
            .guard(waiting)
            .start()) {
      byte[] message = new byte[size];
      Caller first = bed.call("Infer").send(message).half();
      GatewayBed.await(() -> bed.gateway().bytes() >= WINDOWS + size, "the message is not held");
      Caller second = bed.call("Infer").send(message).half();
      Caller.Ended refused = second.ended();
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.status().getCode());
      assertEquals("OVERLOADED", Reasons.of(refused));
      assertEquals(1, bed.limited("gateway-bytes"));
      waiting.verdict.complete(Optional.empty());
      UpstreamCall reached = bed.reached();
      assertArrayEquals(message, reached.next());
      GatewayBed.await(() -> bed.gateway().bytes() == WINDOWS, "what was sent is still held");
      reached.begin(new Metadata()).reply(message).end();
      assertArrayEquals(message, first.next());
      assertTrue(first.ended().status().isOk());
      GatewayBed.await(() -> bed.gateway().bytes() == 0, "bytes were not given back");
      assertEquals(1, bed.begun());
    }
  }

  /** They are counted while they come, or calls that never end their messages would hold all. */
  @Test
  void bytesHeld_ofAMessageThatIsNotWhole_count() throws Exception {
    int size = 1 << 20;
    try (GatewayBed bed =
        GatewayBed.settings().messageBytesMax(size).bytesMax(4 * WINDOWS + size).start()) {
      try (RawCall one = RawCall.open(bed.gateway().port());
          RawCall two = RawCall.open(bed.gateway().port())) {
        one.begin("/test.Model/Infer", size).send(size - 1);
        GatewayBed.await(
            () -> bed.gateway().bytes() >= WINDOWS + size - 1, "a part of a message is not held");
        two.begin("/test.Model/Infer", size).send(size - 1);
        GatewayBed.await(() -> bed.limited("gateway-bytes") == 1, "the second was not refused");
      }
      GatewayBed.await(() -> bed.gateway().bytes() == 0, "bytes were not given back");
    }
  }

  @Test
  void windows_ofTooManyCalls_areRefused() throws Exception {
    try (GatewayBed bed =
        GatewayBed.settings().messageBytesMax(1_000).bytesMax(2 * WINDOWS + 1_000).start()) {
      Caller one = bed.call("Chat").send(new byte[1]);
      Caller two = bed.call("Chat").send(new byte[1]);
      bed.reached();
      bed.reached();
      assertEquals(
          Status.Code.RESOURCE_EXHAUSTED,
          bed.call("Chat").send(new byte[1]).ended().status().getCode());
      one.cancel();
      two.cancel();
      GatewayBed.await(() -> bed.gateway().bytes() == 0, "bytes were not given back");
      bed.ping(1);
    }
  }

  @Test
  void calls_aboveTheBound_areRefused() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().callsMax(2).start()) {
      ManagedChannel other = bed.open(bed.gateway().port());
      Caller one = bed.call("Chat").send(new byte[1]);
      bed.call("Chat").send(new byte[1]);
      bed.reached();
      bed.reached();
      Caller third = Caller.of(other, "Chat", CallOptions.DEFAULT, new Metadata());
      Caller.Ended refused = third.send(new byte[1]).ended();
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.status().getCode());
      assertEquals("OVERLOADED", Reasons.of(refused));
      assertEquals(1, bed.limited("gateway-calls"));
      one.cancel();
      GatewayBed.await(() -> bed.gateway().calls() == 1, "the place was not given back");
      Caller.of(other, "Chat", CallOptions.DEFAULT, new Metadata()).send(new byte[1]);
      bed.reached();
      other.shutdownNow();
    }
  }

  @Test
  void http1_isAnsweredInItsOwnWords() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      for (String request :
          new String[] {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PUT /v2 HTTP/1.1\r\n\r\n"}) {
        String answer = http1(bed.gateway().port(), request);
        assertTrue(answer.startsWith("HTTP/1.1 505 HTTP Version Not Supported\r\n"), answer);
        String[] parts = answer.split("\r\n\r\n", 2);
        assertTrue(parts[0].contains("Content-Length: " + parts[1].length()), answer);
      }
      bed.ping(1);
    }
  }

  private static String http1(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void stop_letsCallsEnd_andTakesNoMore() throws Exception {
    GatewayBed bed = GatewayBed.settings().start();
    Caller caller = bed.call("Chat").send(new byte[1]);
    UpstreamCall reached = bed.reached();
    CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> bed.gateway().close());
    GatewayBed.await(
        () -> {
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bed.gateway().port())) {
            return !socket.isConnected();
          } catch (IOException e) {
            return true;
          }
        },
        "it goes on listening");
    reached.begin(new Metadata()).reply(new byte[3]).end();
    assertEquals(3, caller.next().length);
    assertTrue(caller.ended().status().isOk());
    stopped.get(20, java.util.concurrent.TimeUnit.SECONDS);
    bed.close();
  }
}
