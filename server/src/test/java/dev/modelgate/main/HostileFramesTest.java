package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Peers that do not speak HTTP/2, or speak it to do harm. Meanwhile somebody else asks all the
 * time: each of his questions is answered rightly, nothing is logged as an error, and what the harm
 * took is given back.
 */
final class HostileFramesTest {
  private static final String CHECK = "/modelgate.v1.AuthorizationService/Check";
  private static final String CLEO = "user:cleo@acme.com";
  private static final int ENHANCE_YOUR_CALM = 0xb;
  private static final byte[] CANCEL = {0, 0, 0, 8};
  private static final byte[] INITIAL_WINDOW_OF_ONE = {0, 4, 0, 0, 0, 1};
  private static final byte[] LARGEST_WINDOW = {0x7f, -1, -1, -1};
  private static final long DIRECT_BYTES_MAX = 64L << 20;

  @TempDir Path directory;

  private final long seed = Long.getLong("modelgate.frames.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private SidecarBed bed;
  private LogWatch log;
  private Thread other;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
    log = new LogWatch(Level.SEVERE);
    other = new Thread(this::askOn, "another caller");
    other.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    int before = answered.get();
    Probe.await("more answers", () -> answered.get() > before + 5 || failure.get() != null);
    stop.set(true);
    other.join();
    assertEquals(null, failure.get(), "seed " + seed);
    Probe.await("memory given back", () -> PlatformDependent.usedDirectMemory() < DIRECT_BYTES_MAX);
    log.assertQuiet();
    log.close();
    bed.close();
  }

  @Test
  void bytes_ofNoProtocolOrAnother_closeTheirConnectionAlone() throws Exception {
    List<byte[]> openings = new ArrayList<>();
    for (String text :
        List.of(
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST " + CHECK + " HTTP/1.1\r\nContent-Length: 999999\r\n\r\n{}",
            "\u0016\u0003\u0001\u0002\u0000\u0001 a hello of TLS",
            "SSH-2.0-OpenSSH_9\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\rX")) {
      openings.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    for (int i = 0; i < 60; i++) {
      byte[] noise = new byte[random.nextInt(2_000)];
      random.nextBytes(noise);
      openings.add(noise);
      byte[] begun = RawHttp2.opening();
      openings.add(joined(begun, noise));
    }
    for (byte[] opening : openings) {
      for (int port : List.of(dataPort(), bed.sidecar().servers().adminPort())) {
        try (RawHttp2 peer = new RawHttp2(port)) {
          peer.write(opening);
        }
      }
    }
  }

  @Test
  void calls_withChangedBytes_allowNothingAndEndAlone() throws Exception {
    byte[] question =
        CheckRequest.newBuilder()
            .setPrincipal("user:nobody@acme.com")
            .setModel(SidecarBed.FRAUD)
            .setAction("predict")
            .build()
            .toByteArray();
    byte[] whole =
        joined(
            RawHttp2.opening(),
            RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.callHeaders(CHECK)),
            RawHttp2.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, RawHttp2.message(question)));
    for (int i = 0; i < 300; i++) {
      byte[] changed = whole.clone();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        int at = 24 + random.nextInt(changed.length - 24);
        changed[at] = (byte) random.nextInt(256);
      }
      int length = random.nextInt(3) == 0 ? random.nextInt(changed.length) : changed.length;
      try (RawHttp2 peer = new RawHttp2(dataPort())) {
        peer.write(java.util.Arrays.copyOf(changed, length));
      }
    }
  }

  @Test
  void resets_rapid_endTheConnection() throws Exception {
    byte[] headers = RawHttp2.callHeaders(CHECK);
    try (RawHttp2 peer = new RawHttp2(dataPort())) {
      boolean open = peer.write(RawHttp2.opening());
      for (int stream = 1; open && stream < 400_000; stream += 2) {
        open =
            peer.write(
                joined(
                    RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, headers),
                    RawHttp2.frame(RawHttp2.RST_STREAM, 0, stream, CANCEL)));
      }
      assertTrue(!open || peer.readToEnd() == ENHANCE_YOUR_CALM, "200,000 calls were cancelled");
    }
    Probe.await("the count", () -> bed.refused("resets") == 1);
  }

  /** The same against a listener without these bounds, to show that it is they. */
  @Test
  void resetsAndPings_withoutTheBounds_goOn() throws Exception {
    Server unbounded =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .permitKeepAliveTime(0, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .build()
            .start();
    byte[] headers = RawHttp2.callHeaders(CHECK);
    try {
      for (int port : List.of(unbounded.getPort(), dataPort())) {
        boolean bounded = port == dataPort();
        try (RawHttp2 peer = new RawHttp2(port)) {
          boolean open = peer.write(RawHttp2.opening());
          int streams = bounded ? 200_000 : 25_000; // The bound is one for ten seconds.
          for (int stream = 1; open && stream < 2 * streams; stream += 2) {
            open =
                peer.write(
                    joined(
                        RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, headers),
                        RawHttp2.frame(RawHttp2.RST_STREAM, 0, stream, CANCEL)));
          }
          assertEquals(!bounded, open && peer.isAlive(), "resets, bounded: " + bounded);
        }
        try (RawHttp2 peer = new RawHttp2(port)) {
          boolean open = peer.write(RawHttp2.opening());
          for (int i = 0; open && i < 1_000; i++) {
            open = peer.write(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
          }
          assertEquals(!bounded, open && peer.isAlive(), "pings, bounded: " + bounded);
        }
      }
    } finally {
      unbounded.shutdownNow();
    }
  }

  @Test
  void floods_ofControlFrames_endTheConnection() throws Exception {
    byte[] oneByte = {1};
    List<byte[]> floods =
        List.of(
            RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]),
            RawHttp2.frame(RawHttp2.WINDOW_UPDATE, 0, 0, LARGEST_WINDOW),
            RawHttp2.frame(RawHttp2.DATA, 0, 1, oneByte),
            RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1));
    for (byte[] frame : floods) {
      try (RawHttp2 peer = new RawHttp2(dataPort())) {
        boolean open = flood(peer, frame);
        assertTrue(!open || peer.readToEnd() >= 0, "200,000 frames of type " + frame[3]);
      }
    }
    Probe.await("the counts", () -> bed.refused("pings") == 1 && bed.refused("frames") == 3);
  }

  @Test
  void settings_changedAgainAndAgain_takeNoMemory() throws Exception {
    try (RawHttp2 peer = new RawHttp2(dataPort())) {
      // The server acknowledges each, and nobody reads that.
      flood(peer, RawHttp2.frame(RawHttp2.SETTINGS, 0, 0, INITIAL_WINDOW_OF_ONE));
      int before = answered.get();
      Probe.await("answers to others", () -> answered.get() > before + 5);
    }
  }

  @Test
  void headers_withoutEnd_endTheConnection() throws Exception {
    byte[] block = RawHttp2.callHeaders(CHECK, "x-large", "x".repeat(8_000));
    try (RawHttp2 peer = new RawHttp2(dataPort())) {
      boolean open = peer.write(RawHttp2.opening());
      open = open && peer.write(RawHttp2.frame(RawHttp2.HEADERS, 0, 1, block));
      for (int i = 0; open && i < 2_000; i++) {
        open = peer.write(RawHttp2.frame(RawHttp2.CONTINUATION, 0, 1, block));
      }
      assertTrue(!open || peer.readToEnd() >= 0, "16 MB of headers");
    }
    Probe.await("the count", () -> bed.refused("metadata") == 1);
  }

  @Test
  void connections_thatSayNothing_holdUpNobody() throws Exception {
    List<RawHttp2> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        RawHttp2 peer = new RawHttp2(dataPort());
        silent.add(peer);
        peer.write(java.util.Arrays.copyOf(RawHttp2.opening(), i % 30));
      }
      int before = answered.get();
      Probe.await("answers to others", () -> answered.get() > before + 20);
    } finally {
      for (RawHttp2 peer : silent) {
        peer.close();
      }
    }
  }

  /** Sends a frame 200,000 times or until the server closes; answers whether it has not. */
  private static boolean flood(RawHttp2 peer, byte[] frame) {
    byte[] many = new byte[frame.length * 500];
    for (int i = 0; i < 500; i++) {
      System.arraycopy(frame, 0, many, i * frame.length, frame.length);
    }
    boolean open = peer.write(RawHttp2.opening());
    for (int i = 0; open && i < 400; i++) {
      open = peer.write(many);
    }
    return open;
  }

  private void askOn() {
    try {
      while (!stop.get()) {
        CheckResponse mine = bed.check(CLEO, SidecarBed.FRAUD, "predict");
        CheckResponse others = bed.check("user:nobody@acme.com", SidecarBed.FRAUD, "predict");
        assertEquals(Decision.DECISION_ALLOW, mine.getDecision());
        assertEquals(Decision.DECISION_DENY, others.getDecision());
        answered.incrementAndGet();
      }
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private int dataPort() {
    return bed.sidecar().servers().dataPort();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
