package dev.modelgate.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.config.YamlNodes;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import dev.modelgate.tls.TestAuthority;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** To whom certificates map, by which rule, and which map to nobody. */
final class CertificatesTest {
  private static final String RULES =
      """
      certificates:
      - uri: spiffe://acme.org/ns/prod/sa/admin
        principal: user:root
        organizations: acme
      - uri: spiffe://acme.org/ns/prod/sa/{id}
        principal: serviceAccount:{id}
        organizations: [acme, beta]
      - dns: "{id}.jobs.acme.internal"
        principal: serviceAccount:{id}@jobs
        organizations: acme
      - subject: CN={id},OU=people,O=Acme
        principal: user:{id}
        organizations: "*"
      """;

  private final TestAuthority authority = TestAuthority.create("clients");

  @Test
  void uri_mapsByTheFirstRuleThatFits() {
    Caller scorer = caller("CN=x", "uri:spiffe://acme.org/ns/prod/sa/scorer");
    assertEquals("mtls:spiffe://acme.org/ns/prod/sa/scorer", scorer.credential());
    assertEquals("serviceAccount:scorer", principal(scorer));
    assertEquals(Optional.of(Set.of("acme", "beta")), scorer.organizations());
    assertEquals("user:root", principal(caller("CN=x", "uri:spiffe://acme.org/ns/prod/sa/admin")));
  }

  @Test
  void placeholder_standsForOneSegmentAlone() {
    for (String uri :
        List.of(
            "spiffe://acme.org/ns/prod/sa/",
            "spiffe://acme.org/ns/prod/sa/scorer/x",
            "spiffe://acme.org/ns/prod/sa/scorer?x",
            "spiffe://acme.org/ns/prod/sa",
            "spiffe://acme.org.evil.org/ns/prod/sa/scorer",
            "spiffe://ACME.org/ns/prod/sa/scorer",
            "https://acme.org/ns/prod/sa/scorer")) {
      assertEquals("certificate", problem("CN=x", "uri:" + uri), uri);
    }
    assertEquals("certificate", problem("CN=x", "dns:a.b.jobs.acme.internal"));
    assertEquals("certificate", problem("CN=x", "dns:*.jobs.acme.internal"));
  }

  @Test
  void spiffe_withMoreThanOneUri_isRefusedWhateverElseFits() {
    String good = "uri:spiffe://acme.org/ns/prod/sa/scorer";
    assertEquals("certificate", problem("CN=x", good, "uri:https://acme.org/x"));
    assertEquals("certificate", problem("O=Acme,OU=people,CN=ana", "uri:https://acme.org/x", good));
  }

  @Test
  void dns_mapsWithoutRegardToCase() {
    Caller job = caller("CN=x", "dns:Nightly.jobs.acme.internal");
    assertEquals("serviceAccount:nightly@jobs", principal(job));
  }

  @Test
  void subject_mapsAttributeByAttribute() {
    Caller ana = caller("O=Acme,OU=people,CN=ana");
    assertEquals("user:ana", principal(ana));
    assertEquals(Optional.empty(), ana.organizations());
    for (String subject :
        List.of(
            "O=Acme,OU=people",
            "O=Acme,OU=jobs,CN=ana",
            "O=Acme,OU=people,CN=ana,CN=root",
            "C=DE,O=Acme,OU=people,CN=ana",
            "O=Acme,OU=people,CN=ana+UID=7",
            "O=Acme,CN=ana\\,OU\\=people",
            "CN=ana\\,OU\\=people\\,O\\=Acme")) {
      assertEquals("certificate", problem(subject), subject);
    }
  }

  @Test
  void nameThatNamesNobody_isRefused() {
    assertEquals("certificate", problem("O=Acme,OU=people,CN=ana maria"));
    assertEquals(
        "certificate", problem("CN=x", "dns:Nightly_" + "x".repeat(256) + ".jobs.acme.internal"));
  }

  @Test
  void certificate_expiresWithTheFirstOfItsChain() {
    X509Certificate own = authority.client("O=Acme,OU=people,CN=ana").certificate();
    Caller caller = certificates(RULES).caller(List.of(own, authority.certificate()));
    long first =
        Stream.of(own, authority.certificate())
            .mapToLong(one -> Micros.of(one.getNotAfter().toInstant()))
            .min()
            .orElseThrow();
    assertEquals(first, caller.expiresAtMicros());
    assertEquals(true, caller.expiresAtMicros() < Micros.NEVER);
  }

  @Test
  void certificate_withoutRules_isKnownByItsNameAlone() {
    for (String[] names :
        new String[][] {
          {"mtls:spiffe://acme.org/a", "uri:spiffe://acme.org/a", "dns:a.acme.org"},
          {"mtls:a.acme.org", "dns:a.acme.org"},
          {"mtls:CN=ana"}
        }) {
      X509Certificate own =
          authority.client("CN=ana", Arrays.copyOfRange(names, 1, names.length)).certificate();
      Caller caller = new Certificates(List.of()).caller(List.of(own));
      assertEquals(names[0], caller.credential());
      assertEquals(Optional.empty(), caller.principal());
    }
  }

  private Caller caller(String subject, String... names) {
    return certificates(RULES).caller(List.of(authority.client(subject, names).certificate()));
  }

  private String problem(String subject, String... names) {
    return String.valueOf(
        assertThrows(RefusedException.class, () -> caller(subject, names))
            .refusal()
            .metadata()
            .get("problem"));
  }

  private static String principal(Caller caller) {
    return caller.principal().orElseThrow().toString();
  }

  private static Certificates certificates(String yaml) {
    return new Certificates(
        IdentitySettings.read(YamlNodes.parse(yaml).fields(IdentitySettings.KEYS)).certificates());
  }
}
