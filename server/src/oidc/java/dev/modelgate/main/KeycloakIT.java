package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens of a real issuer that this project did not write: Keycloak, found by discovery, its key
 * rotated while the sidecar runs. Started once, for that takes half a minute or more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KeycloakIT {
  private static final String ANA = "user:ana@acme.com";

  /** A load of keys takes place at most every 10 s. */
  private static final long ROTATION_SECONDS_MAX = 60;

  private Keycloak keycloak;
  private SidecarBed bed;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    keycloak = Keycloak.start(Path.of(System.getProperty("modelgate.keycloak")), directory);
    Path file = directory.resolve("identity.yaml");
    Files.writeString(
        file,
        "issuers:\n- id: kc\n  issuer: "
            + keycloak.issuer()
            + "\n  audience: modelgate\n  organizations: acme\n  principal-claim: email\n"
            + "  groups-claim: groups\n  refresh-seconds: 10\n");
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.identity.file = file;
    bed = new SidecarBed(options);
    bed.sample();
    bed.put("group:kc:risk");
    SidecarBed.share(bed.admin(), SidecarBed.CHURN, "group:kc:risk", "user");
  }

  @AfterAll
  void stop() {
    if (bed != null) {
      bed.close();
    }
    if (keycloak != null) {
      keycloak.close();
    }
  }

  @Test
  void tokenOfAUser_isHis_withHisGroups_onBothPlanes() throws Exception {
    String token = keycloak.token("front");
    assertEquals(Decision.DECISION_ALLOW, check(token, SidecarBed.FRAUD).getDecision());
    CheckResponse byGroup = check(token, SidecarBed.CHURN);
    assertEquals(Decision.DECISION_ALLOW, byGroup.getDecision());
    assertTrue(byGroup.hasValidUntil());
    assertEquals("NO_GRANT", bed.answer(ANA, SidecarBed.CHURN, "predict"));
    SidecarBed.share(bed.admin("Bearer " + token), SidecarBed.FRAUD, "user:ben@acme.com", "user");
    assertEquals("ALLOW", bed.answer("user:ben@acme.com", SidecarBed.FRAUD, "predict"));
  }

  @Test
  void tokenOfAnotherClient_lacksTheAudience() throws Exception {
    String token = keycloak.token("other");
    assertEquals("audience", problem(token));
  }

  /** Keycloak signs refresh tokens with a MAC and gives them out beside access tokens. */
  @Test
  void refreshToken_isNoCredential() throws Exception {
    String token = keycloak.refreshToken("front");
    assertEquals("algorithm", problem(token));
  }

  @Test
  void tokenWithAChangedLetter_isRefused() throws Exception {
    String token = keycloak.token("front");
    int at = token.length() - 20;
    char other = token.charAt(at) == 'A' ? 'B' : 'A';
    assertEquals("signature", problem(token.substring(0, at) + other + token.substring(at + 1)));
  }

  @Test
  void rotatedKey_isTakenWithoutRestart_andTheOldOneEnds() throws Exception {
    String old = keycloak.token("front");
    assertEquals(Decision.DECISION_ALLOW, check(old, SidecarBed.FRAUD).getDecision());
    String key = keycloak.signingKey();
    keycloak.addSigningKey();
    String fresh = keycloak.token("front");
    await("the new key", () -> isAllowed(fresh));
    assertTrue(isAllowed(old), "its key is still published");
    keycloak.removeKey(key);
    await("the end of the old key", () -> !isAllowed(old));
    assertEquals("key", problem(old));
    assertTrue(isAllowed(fresh));
  }

  private boolean isAllowed(String token) {
    try {
      return check(token, SidecarBed.FRAUD).getDecision() == Decision.DECISION_ALLOW;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private String problem(String token) throws Exception {
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> check(token, SidecarBed.FRAUD));
    return StatusProto.fromThrowable(e)
        .getDetails(0)
        .unpack(ErrorInfo.class)
        .getMetadataOrDefault("problem", e.toString());
  }

  private CheckResponse check(String token, String model) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return bed.data()
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .check(
            CheckRequest.newBuilder()
                .setPrincipal(ANA)
                .setModel(model)
                .setAction("predict")
                .build());
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ROTATION_SECONDS_MAX);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "not within a minute: " + what);
      TimeUnit.MILLISECONDS.sleep(200); // Between two looks, not instead of a condition.
    }
  }
}
