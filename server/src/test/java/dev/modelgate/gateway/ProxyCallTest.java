package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What goes through a gateway comes out as it went in. */
final class ProxyCallTest {
  private static final Metadata.Key<String> TEXT =
      Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-data-bin", Metadata.BINARY_BYTE_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static byte[] random(SplittableRandom random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void unary_ofAnyBytes_passesUnchanged() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    try (GatewayBed bed = GatewayBed.settings().start()) {
      for (int size : new int[] {0, 1, 5, 8_192, 65_536, 1_000_003}) {
        byte[] sent = random(random, size);
        byte[] replied = random(random, size);
        Caller caller = bed.call("Infer").send(sent).half();
        UpstreamCall reached = bed.reached();
        assertArrayEquals(sent, reached.next(), "seed " + seed + ", size " + size);
        reached.awaitHalfClose();
        reached.begin(new Metadata()).reply(replied).end();
        assertArrayEquals(replied, caller.next(), "seed " + seed + ", size " + size);
        assertEquals(Status.Code.OK, caller.ended().status().getCode());
      }
    }
  }

  @Test
  void method_byName_reachesTheUpstream() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      bed.call("ModelInfer").send(new byte[0]);
      assertEquals(
          "test.Model/ModelInfer", bed.reached().call().getMethodDescriptor().getFullMethodName());
    }
  }

  @Test
  void clientStream_ofManyMessages_keepsTheirOrder() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Upload");
      for (int i = 0; i < 500; i++) {
        caller.send(new byte[] {(byte) i, (byte) (i >> 8)});
      }
      caller.half();
      UpstreamCall reached = bed.reached();
      for (int i = 0; i < 500; i++) {
        assertArrayEquals(new byte[] {(byte) i, (byte) (i >> 8)}, reached.next());
      }
      reached.awaitHalfClose();
      reached.begin(new Metadata()).reply(new byte[] {7}).end();
      assertArrayEquals(new byte[] {7}, caller.next());
      assertTrue(caller.ended().status().isOk());
    }
  }

  @Test
  void serverStream_ofManyMessages_keepsTheirOrder() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Generate").send(new byte[1]).half();
      UpstreamCall reached = bed.reached().begin(new Metadata());
      for (int i = 0; i < 500; i++) {
        reached.reply(new byte[] {(byte) i, (byte) (i >> 8)});
      }
      reached.end();
      for (int i = 0; i < 500; i++) {
        assertArrayEquals(new byte[] {(byte) i, (byte) (i >> 8)}, caller.next());
      }
      assertTrue(caller.ended().status().isOk());
    }
  }

  @Test
  void bidiStream_backAndForth_passesEachMessageAtOnce() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Chat").send(new byte[] {0});
      UpstreamCall reached = bed.reached().begin(new Metadata());
      for (int i = 1; i <= 50; i++) {
        assertArrayEquals(new byte[] {(byte) (i - 1)}, reached.next());
        reached.reply(new byte[] {(byte) i});
        assertArrayEquals(new byte[] {(byte) i}, caller.next());
        caller.send(new byte[] {(byte) i});
      }
      assertFalse(reached.isHalfClosed());
      caller.half();
      reached.next();
      reached.awaitHalfClose();
      reached.end();
      assertTrue(caller.ended().status().isOk());
    }
  }

  @Test
  void replyHeaders_withoutAMessage_passAtOnce() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Watch").send(new byte[1]);
      Metadata replied = new Metadata();
      replied.put(TEXT, "early");
      bed.reached().begin(replied);
      assertEquals("early", caller.headers().get(TEXT));
    }
  }

  @Test
  void metadata_eitherWay_keepsDuplicatesAndOrder() throws Exception {
    byte[] binary = new byte[] {0, -1, 44, 10};
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller =
          Caller.of(bed.channel(), "Infer", CallOptions.DEFAULT, metadata("b", "a", "b", binary));
      caller.send(new byte[1]).half();
      UpstreamCall reached = bed.reached();
      assertMetadata(reached.headers(), binary, "b", "a", "b");
      reached.begin(metadata("3", "1", "2", binary)).reply(new byte[1]);
      reached.end(Status.OK, metadata("z", "y", "z", binary));
      caller.next();
      assertMetadata(caller.headers(), binary, "3", "1", "2");
      assertMetadata(caller.ended().trailers(), binary, "z", "y", "z");
    }
  }

  private static Metadata metadata(String first, String second, String third, byte[] binary) {
    Metadata metadata = new Metadata();
    for (String value : List.of(first, second, third)) {
      metadata.put(TEXT, value);
    }
    metadata.put(BINARY, binary);
    metadata.put(BINARY, new byte[0]);
    metadata.put(BINARY, binary);
    return metadata;
  }

  private static void assertMetadata(Metadata metadata, byte[] binary, String... texts) {
    List<String> found = new ArrayList<>();
    Objects.requireNonNull(metadata.getAll(TEXT)).forEach(found::add);
    assertEquals(List.of(texts), found);
    List<byte[]> blobs = new ArrayList<>();
    Objects.requireNonNull(metadata.getAll(BINARY)).forEach(blobs::add);
    assertEquals(3, blobs.size());
    assertArrayEquals(binary, blobs.get(0));
    assertArrayEquals(new byte[0], blobs.get(1));
    assertArrayEquals(binary, blobs.get(2));
  }

  @Test
  void statusOfTheUpstream_withDetails_passesUnchanged() throws Exception {
    byte[] details = "any bytes".getBytes(StandardCharsets.UTF_8);
    try (GatewayBed bed = GatewayBed.settings().start()) {
      for (boolean trailersOnly : new boolean[] {true, false}) {
        for (Status.Code code : Status.Code.values()) {
          if (code == Status.Code.OK) {
            continue;
          }
          Caller caller = bed.call("Infer").send(new byte[1]).half();
          UpstreamCall reached = bed.reached();
          if (!trailersOnly) {
            reached.begin(new Metadata());
          }
          Metadata trailers = new Metadata();
          trailers.put(DETAILS, details);
          trailers.put(TEXT, "why");
          reached.end(code.toStatus().withDescription("größer % than\nlife"), trailers);
          Caller.Ended ended = caller.ended();
          assertEquals(code, ended.status().getCode());
          assertEquals("größer % than\nlife", ended.status().getDescription());
          assertArrayEquals(details, ended.trailers().get(DETAILS));
          assertEquals("why", ended.trailers().get(TEXT));
        }
      }
    }
  }

  @Test
  void deadline_ofTheCaller_isHandedOn() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller.of(
              bed.channel(),
              "Infer",
              CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS),
              new Metadata())
          .send(new byte[1]);
      Deadline deadline = Objects.requireNonNull(bed.reached().deadline());
      long left = deadline.timeRemaining(TimeUnit.SECONDS);
      assertTrue(left > 3_000 && left <= 3_600, () -> left + " s");
      bed.call("Infer").send(new byte[1]);
      assertNull(bed.reached().deadline());
    }
  }

  @Test
  void deadline_whenItPasses_endsTheCallUpstream() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller =
          Caller.of(
                  bed.channel(),
                  "Infer",
                  CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS),
                  new Metadata())
              .send(new byte[1]);
      UpstreamCall reached = bed.reached();
      assertEquals(Status.Code.DEADLINE_EXCEEDED, caller.ended().status().getCode());
      reached.awaitCancel();
    }
  }

  @Test
  void caller_whoCancels_cancelsTheUpstream() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Chat").send(new byte[1]);
      UpstreamCall reached = bed.reached();
      caller.cancel();
      reached.awaitCancel();
    }
  }

  @Test
  void caller_whoIsGone_cancelsTheUpstream() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      ManagedChannel other = bed.open(bed.gateway().port());
      Caller.of(other, "Chat").send(new byte[1]);
      UpstreamCall reached = bed.reached();
      other.shutdownNow();
      reached.awaitCancel();
    }
  }

  @Test
  void upstream_whoEndsEarly_endsTheCall() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Upload").send(new byte[1]);
      bed.reached().end(Status.FAILED_PRECONDITION.withDescription("full"), new Metadata());
      Caller.Ended ended = caller.ended();
      assertEquals(Status.Code.FAILED_PRECONDITION, ended.status().getCode());
      assertEquals("full", ended.status().getDescription());
    }
  }

  @Test
  void upstream_thatIsDown_isUnavailableUntilItIsBack() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller open = bed.call("Chat").send(new byte[1]);
      bed.reached();
      int port = bed.stopUpstream();
      assertFalse(open.ended().status().isOk());
      assertEquals(
          Status.Code.UNAVAILABLE,
          bed.call("Infer").send(new byte[1]).half().ended().status().getCode());
      bed.restartUpstream(port);
      GatewayBed.await(
          () -> {
            try {
              return bed.call("Ping").send(new byte[1]).half().ended().status().isOk();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          },
          "the gateway did not find the upstream again");
    }
  }

  @Test
  void message_of64MiB_passesEitherWay() throws Exception {
    byte[] tensor = random(new SplittableRandom(64), 64 << 20);
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller = bed.call("Infer").send(tensor).half();
      UpstreamCall reached = bed.reached();
      assertArrayEquals(tensor, reached.next());
      reached.begin(new Metadata()).reply(tensor).end();
      assertArrayEquals(tensor, caller.next());
      assertTrue(caller.ended().status().isOk());
    }
  }
}
