package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Who gets through the handshake of each port, and who does not. */
final class SidecarTlsTest {
  @TempDir Path directory;

  @Test
  void ports_withTls_answerClientsThatTrustThem() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, options -> {})) {
      assertEquals("UNKNOWN_RESOURCE", bed.check(bed.trusting()));
      assertEquals(Status.Code.NOT_FOUND, bed.adminCode(bed.trusting()));
      assertEquals(200, bed.https(bed.trusting(), "/livez"));
      assertEquals(200, bed.https(bed.trusting(), "/metrics"));
    }
  }

  @Test
  void port_withTls_speaksTwoVersionsAndNothingOlder() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, options -> {})) {
      for (int port : bed.ports()) {
        for (String version : List.of("TLSv1.3", "TLSv1.2")) {
          assertEquals(version, bed.handshake(port, version));
        }
        for (String version : List.of("TLSv1.1", "TLSv1")) {
          SSLException refused =
              assertThrows(SSLException.class, () -> bed.handshake(port, version));
          assertTrue(
              String.valueOf(refused.getMessage()).contains("PROTOCOL_VERSION"),
              refused.getMessage());
        }
      }
    }
  }

  @Test
  void port_withTls_refusesPlainText() throws IOException {
    try (TlsBed bed = TlsBed.start(directory, options -> {})) {
      assertRefused(() -> bed.check(bed.plain()));
      assertRefused(() -> bed.adminCode(bed.plain()));
      assertThrows(AssertionError.class, () -> new Probe(bed.httpPort()).status("/livez"));
    }
  }

  @Test
  void client_ofAnotherAuthority_doesNotTrustThePorts() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, options -> {})) {
      assertRefused(() -> bed.check(bed.distrusting()));
      assertRefused(() -> bed.adminCode(bed.distrusting()));
      assertThrows(IOException.class, () -> bed.https(bed.distrusting(), "/livez"));
    }
  }

  @Test
  void clientCa_alone_requiresCertificatesOnAllPorts() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, TlsBed::withClientCa)) {
      assertRefused(() -> bed.health(bed.trusting()));
      assertRefused(() -> bed.adminCode(bed.trusting()));
      assertThrows(IOException.class, () -> bed.https(bed.trusting(), "/livez"));
      assertEquals(ServingStatus.SERVING, bed.health(bed.scorer()));
      assertEquals(Status.Code.NOT_FOUND, bed.adminCode(bed.scorer()));
      assertEquals(200, bed.https(bed.scorer(), "/livez"));
    }
  }

  @Test
  void clientCertificate_thatIsNoGood_isRefusedEvenWhereItIsOptional() throws Exception {
    for (String mode : List.of("optional", "require")) {
      try (TlsBed bed =
          TlsBed.start(
              directory.resolve(mode),
              options -> {
                TlsBed.withClientCa(options);
                options.tls.clientAuth = mode;
              })) {
        for (TlsBed.Caller caller : List.of(bed.stranger(), bed.serverAsClient())) {
          assertRefused(() -> bed.health(caller));
          assertRefused(() -> bed.adminCode(caller));
          assertThrows(IOException.class, () -> bed.https(caller, "/livez"));
        }
        assertEquals(ServingStatus.SERVING, bed.health(bed.scorer()));
      }
    }
  }

  @Test
  void clientAuth_ofEachPort_countsBeforeTheCommonOne() throws Exception {
    try (TlsBed bed =
        TlsBed.start(
            directory,
            options -> {
              TlsBed.withClientCa(options);
              options.tls.clientAuth = "optional";
              options.adminTlsClientAuth = "require";
              options.tls.httpClientAuth = "none";
            })) {
      assertEquals("UNKNOWN_RESOURCE", bed.check(bed.trusting()));
      assertEquals(ServingStatus.SERVING, bed.health(bed.scorer()));
      assertRefused(() -> bed.adminCode(bed.trusting()));
      assertEquals(Status.Code.NOT_FOUND, bed.adminCode(bed.scorer()));
      assertEquals(200, bed.https(bed.trusting(), "/livez"));
      assertEquals(200, bed.https(bed.stranger(), "/livez"));
    }
  }

  private static void assertRefused(Executable call) {
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call);
    assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode(), refused::toString);
  }
}
