package dev.modelgate.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.tls.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are taken when they are read again; the end of a certificate tells it apart. */
final class ListenerTlsTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Instant firstEnd = now.plus(Duration.ofHours(1));
  private final Instant secondEnd = now.plus(Duration.ofHours(2));

  @TempDir Path directory;

  private final TestAuthority authority = TestAuthority.create("servers");
  private final TestAuthority clients = TestAuthority.create("clients");
  private ListenerTls tls;
  private Path cert = Path.of("");
  private Path key = Path.of("");
  private Path clientCa = Path.of("");

  @BeforeEach
  void open() throws IOException {
    cert = directory.resolve("tls.crt");
    key = directory.resolve("tls.key");
    clientCa = clients.write(directory.resolve("clients.crt"));
    until(firstEnd).write(cert, key);
    tls =
        ListenerTls.open(
            new TlsFiles(cert, key, Optional.of(clientCa), false),
            Clock.fixed(now, ZoneOffset.UTC));
    assertTrue(tls.forGrpc(ClientCertificates.REQUIRE).isServer());
    assertTrue(tls.forHttp(ClientCertificates.NONE).isServer());
  }

  @AfterEach
  void close() {
    tls.close();
  }

  @Test
  void files_thatAreUnchanged_areNotTakenAgain() {
    tls.reload();
    assertState(firstEnd, 0, 0);
  }

  @Test
  void certificate_thatIsNew_isTaken() throws IOException {
    until(secondEnd).write(cert, key);
    tls.reload();
    assertState(secondEnd, 1, 0);
  }

  @Test
  void certificate_withItsOldTime_isTakenAllTheSame() throws IOException {
    FileTime time = Files.getLastModifiedTime(cert);
    until(secondEnd).write(cert, key);
    Files.setLastModifiedTime(cert, time);
    Files.setLastModifiedTime(key, time);
    tls.reload();
    assertState(secondEnd, 1, 0);
  }

  @Test
  void certificate_renewedForTheSameKey_isTaken() throws IOException {
    Issued first =
        authority.server(TestAuthority.ecKeys(), now.minus(Duration.ofDays(1)), firstEnd);
    first.write(cert, key);
    tls.reload();
    Issued renewed = authority.renewed(first, now.minus(Duration.ofDays(1)), secondEnd);
    renewed.write(cert, directory.resolve("unused.key"));
    tls.reload();
    assertState(secondEnd, 2, 0);
  }

  @Test
  void pair_thatIsHalfReplaced_isTakenOnceItIsWhole() throws IOException {
    Path newKey = directory.resolve("new.key");
    until(secondEnd).write(cert, newKey);
    tls.reload();
    assertState(firstEnd, 0, 1);
    Files.move(newKey, key, StandardCopyOption.REPLACE_EXISTING);
    tls.reload();
    assertState(secondEnd, 1, 1);
  }

  @Test
  void files_thatAreOfNoUse_changeNothingAndAreCountedEachTime() throws IOException {
    byte[] good = Files.readAllBytes(cert);
    Files.writeString(cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    tls.reload();
    tls.reload();
    assertState(firstEnd, 0, 2);
    Files.delete(cert);
    tls.reload();
    assertState(firstEnd, 0, 3);
    Files.write(cert, good);
    Files.writeString(clientCa, "");
    tls.reload();
    assertState(firstEnd, 0, 4);
    clients.write(clientCa);
    tls.reload();
    assertState(firstEnd, 0, 4);
  }

  @Test
  void certificate_thatIsNotValidNow_isNotTaken() throws IOException {
    until(now.minusSeconds(1)).write(cert, key);
    tls.reload();
    assertState(firstEnd, 0, 1);
    authority.server(TestAuthority.ecKeys(), now.plusSeconds(1), secondEnd).write(cert, key);
    tls.reload();
    assertState(firstEnd, 0, 2);
  }

  @Test
  void key_thatOthersMayRead_isNotTaken() throws IOException {
    until(secondEnd).write(cert, key);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    tls.reload();
    assertState(firstEnd, 0, 1);
  }

  @Test
  void clientAuthorities_thatAreNew_areTaken() throws IOException {
    Instant before = tls.clientCaExpires().orElseThrow();
    Files.writeString(
        clientCa,
        TestAuthority.pem(clients.certificate())
            + TestAuthority.pem(until(secondEnd).certificate()));
    tls.reload();
    assertState(firstEnd, 1, 0);
    assertTrue(tls.clientCaExpires().orElseThrow().isBefore(before));
  }

  private Issued until(Instant end) {
    return authority.server(TestAuthority.ecKeys(), now.minus(Duration.ofDays(1)), end);
  }

  private void assertState(Instant end, long reloads, long failures) {
    assertEquals(end, tls.expires());
    assertEquals(reloads, tls.reloads());
    assertEquals(failures, tls.failures());
  }
}
