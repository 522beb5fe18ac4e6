package dev.modelgate.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which tokens are taken for whom, and why all others are refused. */
final class TokenTest {
  private final TestIssuer issuer = new TestIssuer();
  private final IdentityBed bed = IdentityBed.of(issuer);

  @AfterEach
  void stop() {
    bed.close();
    issuer.close();
  }

  @Test
  void goodToken_namesItsSubjectInItsOrganizationsUntilItsEnd() {
    Caller caller = bed.caller(good());
    assertEquals("jwt:kc:ana", caller.credential());
    assertEquals(Optional.of(PrincipalName.parse("user:ana")), caller.principal());
    assertEquals(Optional.of(Set.of("acme")), caller.organizations());
    assertEquals(List.of(), caller.groups());
    assertEquals(Micros.of(IdentityBed.NOW.plusSeconds(60)), caller.expiresAtMicros());
  }

  @Test
  void bootstrapToken_isTakenBesideTokensOfIssuers() {
    assertTrue(bed.caller("bootstrap").isBootstrap());
    assertEquals("malformed", bed.problem("bootstraq"));
  }

  @Test
  void verifiedToken_isRemembered() {
    Caller caller = bed.caller(good());
    assertSame(caller, bed.caller(good()), "verified once more");
    assertTrue(bed.identity.bearer(good()).isDone());
  }

  @Test
  void forgedToken_isRefused() {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    assertEquals("signature", bed.problem(TestIssuer.token(claims, TestIssuer.FORGED)));
    String good = TestIssuer.token(claims, TestIssuer.FIRST);
    String other =
        TestIssuer.token(issuer.claims("root", IdentityBed.NOW).build(), TestIssuer.FIRST);
    String[] parts = good.split("\\.", -1);
    String[] others = other.split("\\.", -1);
    assertEquals(
        "signature", bed.problem(parts[0] + "." + others[1] + "." + parts[2]), "claims swapped");
    assertEquals("signature", bed.problem(parts[0] + "." + parts[1] + "." + others[2]));
    assertEquals("jwt:kc:ana", bed.caller(good).credential());
  }

  @Test
  void tokenWithoutSignature_isRefused() {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    assertEquals("malformed", bed.problem(new PlainJWT(claims).serialize()));
    String[] parts = good().split("\\.", -1);
    assertEquals("malformed", bed.problem(parts[0] + "." + parts[1] + "."));
    String none = encoded("{\"alg\":\"none\"}");
    assertEquals("malformed", bed.problem(none + "." + parts[1] + "." + parts[2]));
    assertEquals("malformed", bed.problem(none + "." + parts[1] + "."));
  }

  /** The public key as the secret of a MAC: who verifies without looking at types is fooled. */
  @Test
  void tokenSignedByAMacOfThePublicKey_isRefused() throws Exception {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    List<byte[]> secrets =
        List.of(
            TestIssuer.FIRST.toRSAPublicKey().getEncoded(),
            TestIssuer.FIRST.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8));
    for (byte[] secret : secrets) {
      SignedJWT jwt =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first").build(), claims);
      jwt.sign(new MACSigner(secret));
      assertEquals("algorithm", bed.problem(jwt.serialize()));
    }
  }

  @Test
  void algorithm_outsideTheIssuersOwn_isRefusedThoughTheSignatureIsRight() {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    for (JWSAlgorithm algorithm : List.of(JWSAlgorithm.RS512, JWSAlgorithm.PS256)) {
      JWSHeader header = new JWSHeader.Builder(algorithm).keyID("first").build();
      String token = TestIssuer.token(header, claims, TestIssuer.FIRST);
      assertEquals("algorithm", bed.problem(token), algorithm.getName());
      try (IdentityBed wider = IdentityBed.of(issuer, "algorithms: [RS256, RS512, PS256]")) {
        assertEquals("jwt:kc:ana", wider.caller(token).credential());
      }
    }
  }

  @Test
  void algorithmOfAnotherKeyType_findsNoKey() {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("first").build();
    assertEquals("key", bed.problem(TestIssuer.token(header, claims, TestIssuer.CURVE)));
  }

  /** What a token says of its own key is not believed. */
  @Test
  void tokenThatBringsItsKey_isRefused() {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256).jwk(TestIssuer.FORGED.toPublicJWK()).build();
    assertEquals("signature", bed.problem(TestIssuer.token(header, claims, TestIssuer.FORGED)));
  }

  @Test
  void headerThatMustBeUnderstood_isRefused() {
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("first")
            .criticalParams(Set.of("exp"))
            .customParam("exp", 1)
            .build();
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    assertEquals("signature", bed.problem(TestIssuer.token(header, claims, TestIssuer.FIRST)));
  }

  @Test
  void typeOfToken_otherThanAccessAndId_isRefused() {
    JWTClaimsSet claims = issuer.claims("ana", IdentityBed.NOW).build();
    JWSHeader.Builder header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first");
    for (String type : List.of("JWT", "at+jwt", "application/at+jwt")) {
      String token =
          TestIssuer.token(header.type(new JOSEObjectType(type)).build(), claims, TestIssuer.FIRST);
      assertEquals("jwt:kc:ana", bed.caller(token).credential(), type);
    }
    for (String type : List.of("logout+jwt", "dpop+jwt", "secevent+jwt", "")) {
      String token =
          TestIssuer.token(header.type(new JOSEObjectType(type)).build(), claims, TestIssuer.FIRST);
      assertEquals("malformed", bed.problem(token), type);
    }
  }

  @Test
  void claims_thatAreMissingOrWrong_areRefusedByName() {
    Date now = Date.from(IdentityBed.NOW);
    assertEquals("expired", bed.problem(signed(claims().expirationTime(now))));
    assertEquals("claims", bed.problem(signed(claims().expirationTime(null))));
    assertEquals(
        "claims",
        bed.problem(signed(claims().expirationTime(Date.from(Instant.ofEpochMilli(1L << 60))))));
    assertEquals("issuer", bed.problem(signed(claims().issuer("http://127.0.0.1:1"))));
    assertEquals("issuer", bed.problem(signed(claims().issuer(issuer.issuer() + "/"))));
    assertEquals("issuer", bed.problem(signed(claims().issuer(null))));
    assertEquals("audience", bed.problem(signed(claims().audience("modelgat"))));
    assertEquals("audience", bed.problem(signed(claims().audience((String) null))));
    assertEquals("claims", bed.problem(signed(claims().subject(null))));
    assertEquals("claims", bed.problem(signed(claims().subject("a\nb"))));
    assertEquals("claims", bed.problem(signed(claims().subject("ANA@acme.com"))));
    assertEquals("claims", bed.problem(signed(claims().subject("a".repeat(256)))));
    assertEquals("claims", bed.problem(signed(claims().claim("cnf", Map.of("jkt", "x")))));
  }

  @Test
  void audience_amongOthers_isEnough() {
    String token = signed(claims().audience(List.of("other", "modelgate")));
    assertEquals("jwt:kc:ana", bed.caller(token).credential());
  }

  /** A beginning has the allowance for clocks, an end has none. */
  @Test
  void times_areHeldAgainstTheClock() {
    Date ahead = Date.from(IdentityBed.NOW.plusSeconds(60));
    Date beyond = Date.from(IdentityBed.NOW.plusSeconds(61));
    assertEquals("jwt:kc:ana", bed.caller(signed(claims().notBeforeTime(ahead))).credential());
    assertEquals("not_yet_valid", bed.problem(signed(claims().notBeforeTime(beyond))));
    assertEquals("not_yet_valid", bed.problem(signed(claims().issueTime(beyond))));
    bed.clock.set(IdentityBed.NOW.plusSeconds(60));
    assertEquals("expired", bed.problem(signed(claims().jwtID("never seen before"))));
  }

  @Test
  void oversizeToken_isRefusedUnread() {
    String token = "a".repeat(Authenticator.TOKEN_CHARS_MAX + 1);
    assertEquals("too_long", bed.problem(token));
    assertTrue(bed.identity.bearer(token).isCompletedExceptionally());
  }

  @Test
  void garbage_isRefused() {
    String header = encoded("{\"alg\":\"RS256\",\"kid\":\"first\"}");
    String deep = encoded("{\"iss\":" + "[".repeat(2_500));
    for (String token :
        List.of("x", "..", "...", "a.b.c", header + ".e30.AA", header + "." + deep + ".AA")) {
      String problem = bed.problem(token);
      assertTrue(problem.equals("malformed") || problem.equals("issuer"), token + " " + problem);
    }
  }

  @Test
  void email_mustBeVerified_unlessToldOtherwise() {
    String plain = signed(claims().claim("email", "ana@acme.com"));
    String denied = signed(claims().claim("email", "ana@acme.com").claim("email_verified", "true"));
    String verified = signed(claims().claim("email", "ana@acme.com").claim("email_verified", true));
    try (IdentityBed strict = IdentityBed.of(issuer, "principal-claim: email");
        IdentityBed trusting =
            IdentityBed.of(issuer, "principal-claim: email", "any-email: true")) {
      assertEquals("claims", strict.problem(plain));
      assertEquals("claims", strict.problem(denied), "a text is no truth");
      Caller ana = strict.caller(verified);
      assertEquals(Optional.of(PrincipalName.parse("user:ana@acme.com")), ana.principal());
      assertEquals("jwt:kc:ana", ana.credential());
      assertEquals(ana.principal(), trusting.caller(plain).principal());
    }
  }

  @Test
  void groups_areNamedAfterTheirIssuer_andThoseWithoutANameLeftOut() {
    String token =
        signed(claims().claim("groups", List.of("risk", "/emea/risk", "has space", "", "risk")));
    try (IdentityBed groups = IdentityBed.of(issuer, "groups-claim: groups")) {
      assertEquals(
          List.of("group:kc:risk", "group:kc:/emea/risk"),
          groups.caller(token).groups().stream().map(PrincipalName::toString).toList());
    }
    assertEquals(List.of(), bed.caller(token).groups());
  }

  @Test
  void groups_thatCannotBeKnownInFull_refuseTheToken() {
    List<String> many = IntStream.range(0, 257).mapToObj(Integer::toString).toList();
    try (IdentityBed groups = IdentityBed.of(issuer, "groups-claim: groups")) {
      assertEquals("claims", groups.problem(signed(claims().claim("groups", many))));
      assertEquals("claims", groups.problem(signed(claims().claim("groups", List.of(1)))));
      assertEquals("claims", groups.problem(signed(claims().claim("groups", Map.of("a", 1)))));
      assertEquals(
          "claims",
          groups.problem(signed(claims().claim("_claim_names", Map.of("groups", "src1")))));
      assertEquals(List.of(), bed.caller(signed(claims().claim("groups", many))).groups());
    }
  }

  @Test
  void issuerListedTwice_isToldByItsAudience() {
    String yaml =
        """
        issuers:
        - {id: people, issuer: %1$s, audience: modelgate, organizations: acme}
        - {id: jobs, issuer: %1$s, audience: jobs, organizations: beta, principal-kind: serviceAccount}
        """
            .formatted(issuer.issuer());
    try (IdentityBed two = new IdentityBed(yaml)) {
      Caller job = two.caller(signed(claims().audience("jobs")));
      assertEquals("jwt:jobs:ana", job.credential());
      assertEquals(Optional.of(PrincipalName.parse("serviceAccount:ana")), job.principal());
      assertEquals(Optional.of(Set.of("beta")), job.organizations());
      assertEquals("jwt:people:ana", two.caller(good()).credential());
      assertEquals("audience", two.problem(signed(claims().audience("neither"))));
    }
  }

  private String good() {
    return signed(claims()); // PKCS #1 signatures are deterministic: always the same text.
  }

  private JWTClaimsSet.Builder claims() {
    return issuer.claims("ana", IdentityBed.NOW);
  }

  private static String signed(JWTClaimsSet.Builder claims) {
    return TestIssuer.token(claims.build(), TestIssuer.FIRST);
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
