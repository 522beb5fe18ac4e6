package dev.modelgate.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import dev.modelgate.app.identity.Caller;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the keys of an issuer come, change, go stale, and are not fetched too often. */
final class IssuerKeysTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final TestIssuer issuer = new TestIssuer();

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    issuer.close();
  }

  @Test
  void rotatedKey_isTakenWithoutRestart_andTheOldOneGoesWithTheNextRefresh() {
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      Caller before = bed.caller(signedBy(TestIssuer.FIRST));
      issuer.publish(TestIssuer.FIRST, TestIssuer.SECOND);
      bed.pass(INTERVAL);
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.SECOND)).credential());
      assertSame(before, bed.caller(signedBy(TestIssuer.FIRST)), "its key is still there");
      assertTrue(before.standing().holds());
      issuer.publish(TestIssuer.SECOND);
      bed.pass(Duration.ofMinutes(5));
      refreshed(bed);
      assertEquals("key", bed.problem(signedBy(TestIssuer.FIRST)), "remembered beyond its key");
      assertFalse(before.standing().holds());
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.SECOND)).credential());
    }
  }

  @Test
  void key_replacedUnderItsName_endsWhatTheOldOneSigned() {
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
      issuer.publish(TestIssuer.FORGED);
      bed.pass(Duration.ofMinutes(5));
      refreshed(bed);
      assertEquals("signature", bed.problem(signedBy(TestIssuer.FIRST)));
    }
  }

  @Test
  void stormOfUnknownKeys_fetchesOncePerInterval() {
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
      assertEquals(1, issuer.fetches());
      for (int i = 0; i < 50; i++) {
        assertEquals("key", bed.problem(signedBy(renamed("unknown-" + i))));
      }
      assertEquals(1, issuer.fetches(), "within the interval after the first fetch");
      bed.pass(INTERVAL);
      for (int i = 0; i < 50; i++) {
        assertEquals("key", bed.problem(signedBy(renamed("unknown-" + i))));
      }
      assertEquals(2, issuer.fetches());
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
    }
  }

  @Test
  void tokensThatWaitForKeys_shareOneFetch() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    issuer.beforeAnswer(() -> await(release));
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      List<CompletableFuture<Caller>> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        waiting.add(bed.identity.bearer(signedBy(TestIssuer.FIRST)));
      }
      release.countDown();
      for (CompletableFuture<Caller> caller : waiting) {
        assertEquals("jwt:kc:ana", caller.get(20, TimeUnit.SECONDS).credential());
      }
      assertEquals(1, issuer.fetches());
    }
  }

  @Test
  void issuerThatIsDown_isToldFromAWrongToken_andRecovers() {
    issuer.answerWith(503);
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)));
      issuer.answerWith(200);
      assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)), "too soon");
      bed.pass(INTERVAL);
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
    }
  }

  @Test
  void keys_thatCannotBeFetchedAgain_areGoodUntilTheyAreStale() {
    try (IdentityBed bed = IdentityBed.of(issuer, "stale-seconds: 3600")) {
      Caller caller = bed.caller(signedBy(TestIssuer.FIRST));
      assertTrue(caller.standing().holds());
      issuer.answerWith(500);
      bed.pass(Duration.ofSeconds(3599));
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
      bed.pass(Duration.ofSeconds(1));
      assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)));
      assertFalse(caller.standing().holds());
      issuer.answerWith(200);
      bed.pass(INTERVAL);
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
      assertFalse(caller.standing().holds(), "it came back");
    }
  }

  @Test
  void sameKeysFetchedAgain_keepWhatTheyVerified() {
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      Caller before = bed.caller(signedBy(TestIssuer.FIRST));
      bed.pass(Duration.ofMinutes(5));
      refreshed(bed);
      assertSame(before, bed.caller(signedBy(TestIssuer.FIRST)));
    }
  }

  @Test
  void documents_thatAreTooLargeOrNoKeySet_giveNoKeys() {
    for (String document :
        List.of(
            "{\"keys\":[],\"x\":\"" + "x".repeat((256 << 10)) + "\"}",
            "",
            "[]",
            "{\"keys\":{}}",
            "{\"keys\":[" + "{},".repeat(64) + "{}]}",
            "<html>")) {
      issuer.publish(document);
      try (IdentityBed bed = IdentityBed.of(issuer)) {
        assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)));
      }
    }
  }

  @Test
  void server_thatNeverAnswers_isGivenUp() {
    CountDownLatch release = new CountDownLatch(1);
    issuer.beforeAnswer(() -> await(release));
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)));
    } finally {
      release.countDown();
    }
  }

  @Test
  void server_thatTrickles_isGivenUp() {
    CountDownLatch release = new CountDownLatch(1);
    issuer.beforeAnswer(() -> await(release));
    try (IdentityBed bed = IdentityBed.of(issuer, "keys: " + issuer.issuer() + "/trickle")) {
      assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)));
    } finally {
      release.countDown();
    }
  }

  @Test
  void redirect_isNotFollowed() {
    try (IdentityBed bed = IdentityBed.of(issuer, "keys: " + issuer.issuer() + "/moved")) {
      assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)));
    }
  }

  @Test
  void discovery_ofAnotherIssuerOrToAnUnsafePlace_isRefused() {
    for (String document :
        List.of(
            "{\"issuer\":\"http://127.0.0.1:1\",\"jwks_uri\":\"" + issuer.keysUrl() + "\"}",
            "{\"issuer\":\"" + issuer.issuer() + "\",\"jwks_uri\":\"http://example.com/keys\"}",
            "{\"issuer\":\"" + issuer.issuer() + "\",\"jwks_uri\":\"file:///etc/passwd\"}",
            "{\"issuer\":\"" + issuer.issuer() + "\"}",
            "{}")) {
      issuer.discover(document);
      try (IdentityBed bed = IdentityBed.of(issuer)) {
        assertEquals("keys_unavailable", bed.problem(signedBy(TestIssuer.FIRST)), document);
        assertEquals(0, issuer.fetches());
      }
    }
  }

  @Test
  void keysOfAFile_areReadAgain() throws IOException {
    Path file = directory.resolve("keys.json");
    Files.writeString(file, TestIssuer.published(TestIssuer.FIRST));
    try (IdentityBed bed = IdentityBed.of(issuer, "keys: " + file)) {
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
      Files.writeString(file, TestIssuer.published(TestIssuer.SECOND));
      bed.pass(INTERVAL);
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.SECOND)).credential());
      assertEquals(0, issuer.fetches());
    }
  }

  @Test
  void weakAndWrongKeys_verifyNothing() throws Exception {
    RSAKey weak = TestIssuer.rsa("first", 1_024);
    RSAKey first = TestIssuer.FIRST;
    RSAKey one =
        new RSAKey.Builder(first.getModulus(), Base64URL.encode(BigInteger.ONE.toByteArray()))
            .keyID("first")
            .build();
    RSAKey encrypting = new RSAKey.Builder(first.toPublicJWK()).keyUse(KeyUse.ENCRYPTION).build();
    for (String keys :
        List.of(
            TestIssuer.published(weak),
            TestIssuer.published(one),
            TestIssuer.published(encrypting),
            new JWKSet(first).toString(false),
            new JWKSet(new OctetSequenceKey.Builder(new byte[32]).keyID("first").build())
                .toString(false),
            "{\"keys\":[{\"kty\":\"OKP\",\"kid\":\"first\"},7,{}]}")) {
      issuer.publish(keys);
      try (IdentityBed bed = IdentityBed.of(issuer)) {
        assertEquals("key", bed.problem(signedBy(TestIssuer.FIRST)), keys);
      }
    }
    issuer.publish(weak, TestIssuer.FIRST);
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
    }
  }

  @Test
  void keyOnACurve_verifiesItsOwnAlgorithm() {
    issuer.publish(TestIssuer.CURVE, TestIssuer.FIRST);
    try (IdentityBed bed = IdentityBed.of(issuer)) {
      String token =
          TestIssuer.token(issuer.claims("ana", IdentityBed.NOW).build(), TestIssuer.CURVE);
      assertEquals("jwt:kc:ana", bed.caller(token).credential());
      assertEquals("jwt:kc:ana", bed.caller(signedBy(TestIssuer.FIRST)).credential());
    }
  }

  /** A refresh runs elsewhere: an unknown key waits for the one that the old keys began. */
  private void refreshed(IdentityBed bed) {
    int before = issuer.fetches();
    assertEquals("key", bed.problem(signedBy(renamed("unknown"))));
    assertTrue(issuer.fetches() > before);
  }

  private String signedBy(RSAKey key) {
    return TestIssuer.token(issuer.claims("ana", IdentityBed.NOW).build(), key);
  }

  private static RSAKey renamed(String id) {
    return new RSAKey.Builder(TestIssuer.SECOND).keyID(id).build();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
