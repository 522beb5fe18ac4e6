package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import dev.modelgate.grpc.Bounds;
import dev.modelgate.grpc.Loops;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the transport refuses by itself is counted, once, by what it broke. */
final class TransportRefusalsTest {
  private static final String CHECK = "/modelgate.v1.AuthorizationService/Check";
  private static final int FRAME_BYTES_MAX = 16_000;

  @TempDir Path directory;

  @Test
  void metadata_aboveTheBound_endsTheCallAndFarAboveItTheConnection() throws Exception {
    try (SidecarBed bed = new SidecarBed(directory)) {
      try (RawHttp2 peer = new RawHttp2(bed.sidecar().servers().dataPort())) {
        peer.write(RawHttp2.opening());
        ask(peer, 1, 15_000);
        assertTrue(peer.isAlive());
        assertEquals(0, bed.refused("metadata"));
        ask(peer, 3, 17_000);
        assertTrue(peer.isAlive());
        assertEquals(1, bed.refused("metadata"));
        ask(peer, 5, 30_000);
        assertFalse(peer.isAlive());
        Probe.await("the count", () -> bed.refused("metadata") == 2);
      }
    }
  }

  @Test
  void calls_beyondTheBoundOfAConnection_areRefusedOneByOne() throws Exception {
    try (SidecarBed bed = new SidecarBed(directory);
        RawHttp2 peer = new RawHttp2(bed.sidecar().servers().dataPort())) {
      byte[] headers = RawHttp2.callHeaders(CHECK);
      peer.write(RawHttp2.opening());
      for (int i = 0; i < 4_096 + 3; i++) {
        peer.write(RawHttp2.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 2 * i + 1, headers));
      }
      assertTrue(peer.isAlive());
      assertEquals(3, bed.refused("connection"));
    }
  }

  @Test
  void pings_insideTls_areCountedToo() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, options -> {});
        RawHttp2 peer = new RawHttp2(http2(bed))) {
      peer.write(RawHttp2.opening());
      for (int i = 0; i < 10; i++) {
        peer.write(RawHttp2.frame(RawHttp2.PING, 0, 0, new byte[8]));
      }
      peer.readToEnd();
      Probe.await("the count", () -> bed.metric(limit("pings")) == 1);
    }
  }

  @Test
  void handshakes_thatFail_areCountedAndThoseThatSucceedAreNot() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, TransportRefusalsTest::withClientCa)) {
      bed.health(bed.scorer());
      assertEquals(0, bed.metric(limit("handshake")));
      assertThrows(StatusRuntimeException.class, () -> bed.health(bed.trusting()));
      Probe.await("the count", () -> bed.metric(limit("handshake")) >= 1);
    }
  }

  @Test
  void connection_thatSaysNothing_isEndedAndCountedAndOneThatLeavesIsNot() throws Exception {
    List<String> counted = new CopyOnWriteArrayList<>();
    Telemetry telemetry =
        new Telemetry() {
          @Override
          public void limited(String limit) {
            counted.add(limit);
          }
        };
    InetAddress here = InetAddress.getLoopbackAddress();
    try (Loops loops = Loops.ofPort("test", 1, new Bounds(8, 8, 8, telemetry), accepted -> {})) {
      Server server =
          loops
              .carry(NettyServerBuilder.forAddress(new InetSocketAddress(here, 0)))
              .handshakeTimeout(200, TimeUnit.MILLISECONDS)
              .build()
              .start();
      try (Socket leaving = new Socket(here, server.getPort())) {
        leaving.shutdownOutput();
        toItsEnd(leaving);
        assertEquals(List.of(), counted);
      }
      try (Socket silent = new Socket(here, server.getPort())) {
        toItsEnd(silent);
        Probe.await("the count", () -> !counted.isEmpty());
      } finally {
        server.shutdownNow().awaitTermination();
      }
      assertEquals(List.of("handshake"), counted);
    }
  }

  private static void withClientCa(ServeOptions options) {
    TlsBed.withClientCa(options);
    options.tls.httpClientAuth = "none";
  }

  private static String limit(String name) {
    return "modelgate_limits_total{limit=\"" + name + "\"}";
  }

  private static Socket http2(TlsBed bed) throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            bed.trusting()
                .context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), bed.sidecar().servers().dataPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    return socket;
  }

  /** Begins a call with so many bytes of metadata. */
  private static void ask(RawHttp2 peer, int stream, int bytes) {
    byte[] block = RawHttp2.callHeaders(CHECK, "x-large", "x".repeat(bytes));
    int type = RawHttp2.HEADERS;
    for (int at = 0; at < block.length; at += FRAME_BYTES_MAX) {
      int end = Math.min(at + FRAME_BYTES_MAX, block.length);
      int flags = end == block.length ? RawHttp2.END_HEADERS : 0;
      peer.write(RawHttp2.frame(type, flags, stream, Arrays.copyOfRange(block, at, end)));
      type = RawHttp2.CONTINUATION;
    }
  }

  private static void toItsEnd(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    try {
      socket.getInputStream().readAllBytes();
    } catch (java.net.SocketException reset) {
      // That is an end too.
    }
  }
}
