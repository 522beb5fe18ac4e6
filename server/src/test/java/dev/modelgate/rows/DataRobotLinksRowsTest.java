package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** DataRobot's external links, by which somebody outside opens an application. */
final class DataRobotLinksRowsTest {
  private static final String APP = ACME + "/applications/report";
  private static final String OTHER = ACME + "/applications/other";
  private static final String ANA = "user:ana@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA);
    site.resource(APP, ANA);
    site.resource(OTHER, ANA);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F061")
  void link_opensItsApplication_untilItIsDisabled() {
    String secret = put(link(APP));
    assertEquals("ALLOW", check(APP, secret, "launch"));
    assertEquals("ACCESS", check(APP, secret, "edit"));
    assertEquals("NO_GRANT", check(OTHER, secret, "launch"));
    assertEquals("PRINCIPAL_UNKNOWN", check(APP, "guessed", "launch"));
    assertEquals("PRINCIPAL_UNKNOWN", check(APP, "", "launch"));
    site.as(ANA)
        .deleteExternalLink(
            DeleteExternalLinkRequest.newBuilder().setResource(APP).setId("guests").build());
    assertEquals("PRINCIPAL_UNKNOWN", check(APP, secret, "launch"));
  }

  @Test
  @Row("F061")
  void link_withANewSecret_endsTheOldOneAtOnce() {
    String old = put(link(APP));
    String fresh = put(link(APP).setRotateSecret(true));
    assertEquals("PRINCIPAL_UNKNOWN", check(APP, old, "launch"));
    assertEquals("ALLOW", check(APP, fresh, "launch"));
  }

  @Test
  @Row("F061")
  void link_withAnEnd_endsThen() {
    Timestamp end =
        Timestamp.newBuilder().setSeconds(site.time().plusSeconds(60).getEpochSecond()).build();
    String secret = put(link(APP).setExpiresAt(end));
    site.now.updateAndGet(now -> now.plusSeconds(59));
    assertEquals("ALLOW", check(APP, secret, "launch"));
    site.now.updateAndGet(now -> now.plus(Duration.ofSeconds(1)));
    assertEquals("NO_GRANT", check(APP, secret, "launch"));
  }

  @Test
  @Row("F063")
  void link_toAnythingButAnApplication_isRefused() {
    for (String asset :
        List.of("projects", "datasets", "deployments", "useCases", "registeredModels")) {
      String name = ACME + "/" + asset + "/x";
      site.resource(name, ANA);
      ErrorInfo info = Site.refused(Fault.KIND_WITHOUT_LINKS, () -> put(link(name)));
      assertEquals(name, info.getMetadataOrThrow("value"), info::toString);
    }
    assertEquals(43, put(link(APP)).length());
  }

  private String put(PutExternalLinkRequest.Builder link) {
    return site.as(ANA).putExternalLink(link.build()).getSecret();
  }

  private static PutExternalLinkRequest.Builder link(String resource) {
    return PutExternalLinkRequest.newBuilder()
        .setResource(resource)
        .setId("guests")
        .setRole("consumer");
  }

  private String check(String resource, String secret, String action) {
    return site.check(
        CheckRequest.newBuilder()
            .setPrincipal("link:guests")
            .setModel(resource)
            .setAction(action)
            .setLinkSecret(secret));
  }
}
