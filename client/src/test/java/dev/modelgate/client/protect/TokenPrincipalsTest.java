package dev.modelgate.client.protect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.modelgate.client.protect.Credentials.Peer;
import dev.modelgate.client.protect.Proof.Proven;
import dev.modelgate.client.protect.Proof.Unproven;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tokens prove; that one is its issuer's at all is shown by the tests of the sidecar. */
final class TokenPrincipalsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String ISSUER = "https://sso.acme.com";

  @TempDir private Path directory;

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private ECKey key = key("one");
  private Principals principals = Principals.of(headerAlone(), now::get);

  @BeforeEach
  void start() throws IOException {
    Path keys = directory.resolve("keys.json");
    Files.writeString(keys, new JWKSet(key.toPublicJWK()).toString());
    principals =
        Principals.of(
            rules(
                "principal: [{jwt: [{issuer: '"
                    + ISSUER
                    + "', audience: models, principal-claim: email, keys: '"
                    + keys
                    + "'}, {issuer: 'https://jobs', audience: models, principal-kind:"
                    + " serviceAccount, keys: '"
                    + keys
                    + "'}]}, {header: x-user}]"),
            now::get);
  }

  @AfterEach
  void stop() {
    principals.close();
  }

  @Test
  void token_good_provesWhomItsClaimNames() {
    Proven proven = proven(claims().build());
    assertEquals("user:ana@acme.com", proven.principal());
    assertEquals(NOW.plusSeconds(300), proven.until());
    assertEquals("serviceAccount:42", proven(claims().issuer("https://jobs").build()).principal());
  }

  @Test
  void token_bad_provesNobody_thoughAnotherCredentialIsGood() {
    refused(claims().issuer("https://other").build());
    refused(claims().audience("others").build());
    refused(claims().audience((String) null).build());
    refused(claims().expirationTime(null).build());
    refused(claims().expirationTime(Date.from(NOW)).build());
    refused(claims().notBeforeTime(Date.from(NOW.plusSeconds(61))).build());
    refused(claims().claim("email_verified", false).build());
    refused(claims().claim("email", "ana, root").build());
    refused(claims().claim("cnf", Map.of("jkt", "x")).build());
    assertEquals(
        "user:ana@acme.com",
        proven(claims().notBeforeTime(Date.from(NOW.plusSeconds(59))).build()).principal());
    unproven("Bearer " + new PlainJWT(claims().build()).serialize());
    unproven("Bearer x");
    unproven("Bearer ");
    unproven("Basic YW5hOng=");
    unproven("Bearer " + signed(claims().build(), key("one")));
    unproven("Bearer " + "x".repeat(Principals.TOKEN_CHARS_MAX + 1));
  }

  @Test
  void token_twice_provesNobody() {
    String token = "Bearer " + signed(claims().build(), key);
    assertInstanceOf(Unproven.class, prove(List.of(token, token)));
    assertInstanceOf(Unproven.class, prove(List.of(token + "," + token)));
  }

  @Test
  void token_remembered_endsWithItsTime() {
    String token = "Bearer " + signed(claims().build(), key);
    assertInstanceOf(Proven.class, prove(List.of(token)));
    now.set(NOW.plus(Duration.ofMinutes(5)));
    assertInstanceOf(Unproven.class, prove(List.of(token)));
  }

  @Test
  void noToken_leavesTheNextAlternative() {
    Proof proof = prove(List.of());
    assertEquals("user:root", assertInstanceOf(Proven.class, proof).principal());
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience("models")
        .subject("42")
        .claim("email", "ana@acme.com")
        .claim("email_verified", true)
        .expirationTime(Date.from(NOW.plusSeconds(300)));
  }

  private Proven proven(JWTClaimsSet claims) {
    Proof proof = prove(List.of("Bearer " + signed(claims, key)));
    return assertInstanceOf(Proven.class, proof, proof::toString);
  }

  private void refused(JWTClaimsSet claims) {
    unproven("Bearer " + signed(claims, key));
  }

  private void unproven(String authorization) {
    assertInstanceOf(Unproven.class, prove(List.of(authorization)), authorization);
  }

  private Proof prove(List<String> authorization) {
    return principals
        .prove(
            new Credentials(
                Map.of("authorization", authorization, "x-user", List.of("user:root")),
                List.of(),
                Peer.REMOTE))
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  private static String signed(JWTClaimsSet claims, ECKey by) {
    try {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(by.getKeyID()).build(), claims);
      jwt.sign(new ECDSASigner(by));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ECKey key(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PrincipalRules headerAlone() {
    return rules("principal: {header: x-user}");
  }

  private static PrincipalRules rules(String document) {
    return Protection.parse(
            "p.yaml", "parent: organizations/acme\nprotocols: [openai]\n" + document + "\n")
        .principals();
  }
}
