package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.modelgate.main.TlsBed.Caller;
import dev.modelgate.tls.TestAuthority;
import dev.modelgate.tls.TestAuthority.Issued;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New certificates while a sidecar serves. */
final class SidecarReloadTest {
  private static final int RELOADS = 4;
  private static final String COUNT = "modelgate_tls_reloads_total";
  private static final String FAILURES = "modelgate_tls_reload_failures_total";

  @TempDir Path directory;

  private final Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicLong onOpenConnections = new AtomicLong();
  private final AtomicLong onNewConnections = new AtomicLong();
  private TlsBed bed;

  @BeforeEach
  void start() throws IOException {
    bed =
        TlsBed.start(
            directory,
            options -> {
              TlsBed.withClientCa(options);
              options.tls.clientAuth = "optional";
              options.tls.reloadSeconds = 1;
            });
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void reload_underLoad_failsNoCall() throws Exception {
    List<Thread> load = List.of(thread(this::askOnOne), thread(this::askOnOne), thread(this::dial));
    load.forEach(Thread::start);
    for (int i = 1; i <= RELOADS; i++) {
      Issued fresh = replaceServer();
      awaitMetric(COUNT, i);
      assertEquals(fresh.certificate().getSerialNumber(), served());
      // Both kinds of callers go on beyond this reload before the next one.
      long open = onOpenConnections.get();
      long dialed = onNewConnections.get();
      Probe.await("calls", () -> onOpenConnections.get() > open && onNewConnections.get() > dialed);
    }
    ending.set(true);
    for (Thread thread : load) {
      thread.join();
    }
    assertEquals(List.of(), List.copyOf(failed));
    assertEquals(RELOADS, reported());
  }

  /** The events of the trail about new certificates, each with the ends of the old and the new. */
  private long reported() throws IOException {
    assertTrue(bed.sidecar().trail().flush(10_000));
    long reported = 0;
    try (Stream<Path> files = Files.list(bed.sidecar().trail().directory())) {
      for (Path file : files.filter(found -> found.toString().endsWith(".jsonl")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonObject event = JsonParser.parseString(line).getAsJsonObject();
          if (event.get("what").getAsString().equals("TLS_RELOADED")) {
            assertEquals("CONFIGURATION", event.get("kind").getAsString());
            assertTrue(event.getAsJsonObject("before").has("expires"), line);
            assertTrue(event.getAsJsonObject("after").has("expires"), line);
            reported++;
          }
        }
      }
    }
    return reported;
  }

  @Test
  void files_thatAreBroken_leaveTheOldCertificateInUse() throws Exception {
    BigInteger before = served();
    Files.writeString(directory.resolve("tls.crt"), "broken");
    Probe.await(FAILURES, () -> bed.metric(FAILURES) >= 1);
    assertEquals(before, served());
    assertEquals(ServingStatus.SERVING, bed.health(bed.scorer()));
    Issued fresh = replaceServer();
    awaitMetric(COUNT, 1);
    assertEquals(fresh.certificate().getSerialNumber(), served());
  }

  @Test
  void clientAuthority_thatIsReplaced_countsForNewConnectionsAlone() throws Exception {
    Caller before = bed.scorer();
    TestAuthority other = TestAuthority.create("others");
    Caller after = bed.showing(other.client("CN=scorer"));
    ManagedChannel open = bed.dataChannel(before);
    try {
      assertEquals(ServingStatus.SERVING, TlsBed.health(open));
      assertThrows(StatusRuntimeException.class, () -> bed.health(after));
      other.write(directory.resolve("clients.crt"));
      awaitMetric(COUNT, 1);
      assertThrows(StatusRuntimeException.class, () -> bed.health(before));
      assertEquals(ServingStatus.SERVING, bed.health(after));
      assertEquals(ServingStatus.SERVING, TlsBed.health(open));
    } finally {
      open.shutdownNow();
    }
  }

  /** Else a client whose authority is gone would come back without being asked who it is. */
  @Test
  void session_ofBeforeAReload_isNotResumedAfterIt() throws Exception {
    SSLContext client = bed.scorer().context();
    SSLSession first = session(client);
    assertEquals(first.getCreationTime(), session(client).getCreationTime(), "no resumption");
    TestAuthority.create("others").write(directory.resolve("clients.crt"));
    awaitMetric(COUNT, 1);
    assertThrows(IOException.class, () -> session(client));
  }

  private SSLSession session(SSLContext client) throws IOException {
    int port = bed.httpPort();
    try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("localhost", port)) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setSoTimeout(TlsBed.WAIT_SECONDS_MAX * 1_000);
      socket.startHandshake();
      socket
          .getOutputStream()
          .write("GET /livez HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertTrue(socket.getInputStream().read() >= 0);
      return socket.getSession();
    }
  }

  private void askOnOne() {
    ManagedChannel channel = bed.dataChannel(bed.trusting());
    try {
      while (!ending.get()) {
        assertEquals("UNKNOWN_RESOURCE", TlsBed.check(channel).getReason());
        onOpenConnections.incrementAndGet();
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private void dial() {
    while (!ending.get()) {
      assertEquals("UNKNOWN_RESOURCE", bed.check(bed.trusting()));
      onNewConnections.incrementAndGet();
    }
  }

  private Thread thread(Runnable load) {
    return new Thread(
        () -> {
          try {
            load.run();
          } catch (Throwable e) {
            failed.add(e);
          }
        });
  }

  private Issued replaceServer() throws IOException {
    Issued fresh = bed.authorities().servers().server("dns:localhost", "ip:127.0.0.1");
    fresh.write(directory.resolve("tls.crt"), directory.resolve("tls.key"));
    return fresh;
  }

  /** A pair that is read between its two files fails once and is read again, so not exactly. */
  private void awaitMetric(String name, double value) {
    Probe.await(name + " " + value, () -> bed.metric(name) >= value);
  }

  /** The serial number of the certificate that a new connection is shown. */
  private BigInteger served() throws Exception {
    SSLContext client = bed.trusting().context();
    try (SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket("localhost", bed.httpPort())) {
      socket.setSoTimeout(TlsBed.WAIT_SECONDS_MAX * 1_000);
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
    }
  }
}
