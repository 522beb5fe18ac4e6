package dev.modelgate.client.protect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.protect.Credentials.Peer;
import dev.modelgate.client.protect.Proof.Proven;
import dev.modelgate.client.protect.Proof.Unproven;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is proven to ask, and what proves nobody (hazards 19 and 38). */
final class PrincipalsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plus(Duration.ofHours(1));
  private static final String CERTIFICATE =
      "{certificate: [{uri: 'spiffe://acme/sa/{id}', principal: 'serviceAccount:{id}'},"
          + " {dns: '{id}.people.acme', principal: 'user:{id}'},"
          + " {subject: 'CN={id},O=Acme', principal: 'app:{id}'}]}";
  private static final String FORWARDED =
      "{forwarded-certificate: {uri: 'spiffe://acme/sa/{id}', principal: 'serviceAccount:{id}'},"
          + " trusted-hop: {uri: 'spiffe://acme/envoy'}}";
  private static final X509Certificate ENVOY =
      TestCertificates.of("CN=envoy", LATER, "uri:spiffe://acme/envoy");

  @Test
  void header_once_isThePrincipal() {
    assertEquals("user:ana@acme.com", principal("{header: x-user}", header("user:ana@acme.com")));
    assertEquals("user:ana", principal("{header: x-user, kind: user}", header("ana")));
    assertEquals(
        "user:ana",
        principal("{header: x-user}", credentials(Map.of("X-User", List.of("user:ana")))));
  }

  @Test
  void header_withMoreThanOneValue_provesNobody() {
    Credentials twice = credentials(Map.of("x-user", List.of("user:ana", "user:root")));
    refused("more than once", "{header: x-user}", twice);
    refused(
        "more than once",
        "{header: x-user}",
        credentials(
            new HashMap<>(Map.of("x-user", List.of("user:a"), "X-User", List.of("user:a")))));
    // As proxies join lines.
    refused("names no user", "{header: x-user}", header("user:ana,user:root"));
    refused("names no user", "{header: x-user}", header("user:ana, user:root"));
    refused("names no user", "{header: x-user, kind: user}", header("ana,root"));
  }

  @Test
  void header_thatNamesNoCaller_provesNobody() {
    for (String name :
        List.of(
            "",
            " ",
            "ana",
            "group:risk",
            "allUsers",
            "user:",
            "user: ana",
            "user:a\u0000b",
            "User:ana")) {
      refused("names no user", "{header: x-user}", header(name));
    }
    refused("no credential", "{header: x-user}", credentials(Map.of()));
  }

  @Test
  void header_withTrustedHop_countsFromThatHopAlone() {
    String source = "{header: x-user, trusted-hop: {uri: 'spiffe://acme/envoy'}}";
    Map<String, List<String>> headers = Map.of("x-user", List.of("user:ana"));
    assertEquals(
        "user:ana", principal(source, new Credentials(headers, List.of(ENVOY), Peer.REMOTE)));
    X509Certificate other = TestCertificates.of("CN=x", LATER, "uri:spiffe://acme/envoy2");
    refused("untrusted hop", source, new Credentials(headers, List.of(other), Peer.REMOTE));
    refused("untrusted hop", source, new Credentials(headers, List.of(), Peer.LOCAL));
    String local = "{header: x-user, trusted-hop: local}";
    assertEquals("user:ana", principal(local, new Credentials(headers, List.of(), Peer.LOCAL)));
    refused("untrusted hop", local, new Credentials(headers, List.of(ENVOY), Peer.REMOTE));
  }

  @Test
  void certificate_mapsByTheFirstRuleThatFits() {
    assertEquals(
        "serviceAccount:scorer",
        principal(CERTIFICATE, peer("CN=x", "uri:spiffe://acme/sa/scorer")));
    assertEquals("user:ana", principal(CERTIFICATE, peer("CN=x", "dns:ana.people.acme")));
    assertEquals("app:portal", principal(CERTIFICATE, peer("CN=portal,O=Acme")));
    refused("maps to nobody", CERTIFICATE, peer("CN=portal,O=Other"));
    refused("maps to nobody", CERTIFICATE, peer("CN=x", "uri:spiffe://acme/sa/a/b"));
    refused(
        "maps to nobody",
        CERTIFICATE,
        peer("CN=portal,O=Acme", "uri:spiffe://acme/sa/a", "uri:spiffe://acme/sa/b"));
    refused("no credential", CERTIFICATE, credentials(Map.of()));
  }

  @Test
  void certificate_thatHasEnded_provesNobody() {
    X509Certificate ended = TestCertificates.of("CN=portal,O=Acme", NOW);
    refused("ended", CERTIFICATE, new Credentials(Map.of(), List.of(ended), Peer.REMOTE));
    Proof proof = prove("principal: " + CERTIFICATE, peer("CN=portal,O=Acme"));
    assertEquals(LATER, assertInstanceOf(Proven.class, proof).until());
  }

  @Test
  void forwardedCertificate_ofTheTrustedHop_isThePrincipal() {
    String value =
        "By=spiffe://acme/gate;Hash=ab12;Subject=\"CN=a\\\"b,O=Acme\";URI=spiffe://acme/sa/scorer;DNS=x";
    assertEquals("serviceAccount:scorer", principal(FORWARDED, forwarded(value)));
    refused(
        "untrusted hop",
        FORWARDED,
        new Credentials(
            Map.of("x-forwarded-client-cert", List.of(value)),
            List.of(TestCertificates.of("CN=x", LATER, "uri:spiffe://acme/other")),
            Peer.LOCAL));
    refused(
        "untrusted hop",
        FORWARDED,
        new Credentials(Map.of("x-forwarded-client-cert", List.of(value)), List.of(), Peer.LOCAL));
  }

  @Test
  void forwardedCertificate_otherThanOneElement_provesNobody() {
    String uri = "URI=spiffe://acme/sa/scorer";
    for (String value :
        List.of(
            "",
            uri + "," + uri,
            uri + "," + "URI=spiffe://acme/sa/admin",
            uri + ",",
            uri + ";",
            ";" + uri,
            uri + ";URI=spiffe://acme/sa/admin",
            uri + ";Subject=\"CN=a\";Subject=\"CN=b\"",
            uri + ";Subject=\"CN=a",
            uri + ";Subject=\"CN=a\"x",
            uri + ";Subject=a\"b",
            uri + ";What=x",
            uri + "=y",
            " " + uri,
            uri + "\u00e9",
            uri + ";DNS",
            "Hash=ab12")) {
      assertInstanceOf(
          Unproven.class, prove("principal: " + FORWARDED, forwarded(value)), () -> value);
    }
    refused(
        "more than once",
        FORWARDED,
        new Credentials(
            Map.of("x-forwarded-client-cert", List.of(uri, uri)), List.of(ENVOY), Peer.REMOTE));
  }

  @Test
  void alternatives_theFirstThatIsPresentCounts_andABadOneRefuses() {
    String document = "principal: [" + CERTIFICATE + ", {header: x-user}]";
    X509Certificate good = TestCertificates.of("CN=portal,O=Acme", LATER);
    X509Certificate bad = TestCertificates.of("CN=portal,O=Other", LATER);
    Map<String, List<String>> headers = Map.of("x-user", List.of("user:ana"));
    assertEquals(
        "app:portal", name(prove(document, new Credentials(headers, List.of(good), Peer.REMOTE))));
    assertEquals("user:ana", name(prove(document, header("user:ana"))));
    assertInstanceOf(
        Unproven.class, prove(document, new Credentials(headers, List.of(bad), Peer.REMOTE)));
  }

  @Test
  void chain_needsEveryLink() {
    String document =
        "principal: {header: x-user}\nacting-through: [{header: x-app}, " + CERTIFICATE + "]";
    X509Certificate gate = TestCertificates.of("CN=x", LATER, "uri:spiffe://acme/sa/gate");
    Map<String, List<String>> headers =
        Map.of("x-user", List.of("user:ana"), "x-app", List.of("app:portal"));
    Proven proven =
        assertInstanceOf(
            Proven.class, prove(document, new Credentials(headers, List.of(gate), Peer.REMOTE)));
    assertEquals("user:ana", proven.principal());
    assertEquals(List.of("app:portal", "serviceAccount:gate"), proven.actingThrough());
    assertEquals(LATER, proven.until());
    assertInstanceOf(
        Unproven.class, prove(document, new Credentials(headers, List.of(), Peer.REMOTE)));
    assertInstanceOf(
        Unproven.class,
        prove(
            document,
            new Credentials(Map.of("x-user", List.of("user:ana")), List.of(gate), Peer.REMOTE)));
  }

  @Test
  void headers_areThoseThatCredentialsNeed() {
    try (Principals principals =
        Principals.of(rules("principal: [{header: x-user}, " + FORWARDED + "]"), () -> NOW)) {
      assertEquals(Set.of("x-user", "x-forwarded-client-cert"), principals.headers());
    }
  }

  @Test
  void document_withoutAnybody_orOfTheSidecar_isRefused() {
    assertThrows(
        ProtectionException.class, () -> Principals.of(rules("versions: check"), () -> NOW));
    for (String source : List.of("{jwt: sidecar}", "{certificate: sidecar}")) {
      assertThrows(
          ProtectionException.class,
          () -> Principals.of(rules("principal: " + source), () -> NOW),
          source);
    }
  }

  @Test
  void source_thatCouldMeanMoreThanOneThing_isRefused() {
    for (String source :
        List.of(
            "x-user",
            "[]",
            "{}",
            "{header: x-user, jwt: sidecar}",
            "{header: X-User}",
            "{header: x-user-bin}",
            "{header: x-user, kind: group}",
            "{kind: user}",
            "{certificate: sidecar, trusted-hop: local}",
            "{certificate: yes}",
            "{certificate: []}",
            "{certificate: [{uri: 'spiffe://a/{id}', principal: 'user:x'}]}",
            "{certificate: [{uri: 'spiffe://a/{id}/{id}', principal: 'user:{id}{id}'}]}",
            "{certificate: [{uri: 'spiffe://a/{id}', principal: 'group:{id}'}]}",
            "{certificate: [{uri: 'spiffe://a/{id}', dns: x, principal: 'user:{id}'}]}",
            "{certificate: [{subject: 'nonsense', principal: 'user:x'}]}",
            "{forwarded-certificate: [{uri: 'spiffe://a/{id}', principal: 'user:{id}'}]}",
            "{forwarded-certificate: sidecar, trusted-hop: local}",
            "{forwarded-certificate: [{uri: x, principal: 'user:x'}], trusted-hop: any}",
            "{forwarded-certificate: [{uri: x, principal: 'user:x'}], trusted-hop: []}",
            "{jwt: {issuer: 'https://i'}}",
            "{jwt: {audience: a}}",
            "{jwt: {issuer: 'http://i', audience: a}}",
            "{jwt: {issuer: 'https://i', audience: a, algorithms: [HS256]}}",
            "{jwt: {issuer: 'https://i', audience: a, algorithms: [none]}}",
            "{jwt: {issuer: 'https://i', audience: a, skew-seconds: 301}}",
            "{jwt: []}")) {
      ProtectionException refused =
          assertThrows(ProtectionException.class, () -> rules("principal: " + source), source);
      assertTrue(String.valueOf(refused.getMessage()).contains("line 3"), refused::getMessage);
    }
  }

  private static PrincipalRules rules(String document) {
    return Protection.parse(
            "p.yaml", "parent: organizations/acme\nprotocols: [openai]\n" + document + "\n")
        .principals();
  }

  private static Proof prove(String document, Credentials credentials) {
    try (Principals principals = Principals.of(rules(document), () -> NOW)) {
      return principals.prove(credentials).orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  private static String principal(String source, Credentials credentials) {
    return name(prove("principal: " + source, credentials));
  }

  private static String name(Proof proof) {
    return assertInstanceOf(Proven.class, proof, proof::toString).principal();
  }

  private static void refused(String why, String source, Credentials credentials) {
    Unproven unproven =
        assertInstanceOf(Unproven.class, prove("principal: " + source, credentials));
    assertTrue(unproven.why().contains(why), unproven::why);
  }

  private static Credentials header(String value) {
    return credentials(Map.of("x-user", List.of(value)));
  }

  private static Credentials credentials(Map<String, List<String>> headers) {
    return new Credentials(headers, List.of(), Peer.REMOTE);
  }

  private static Credentials peer(String subject, String... names) {
    return new Credentials(
        Map.of(), List.of(TestCertificates.of(subject, LATER, names)), Peer.REMOTE);
  }

  private static Credentials forwarded(String value) {
    return new Credentials(
        Map.of("x-forwarded-client-cert", List.of(value)), List.of(ENVOY), Peer.REMOTE);
  }
}
