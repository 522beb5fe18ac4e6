package dev.modelgate.rows;

import static dev.modelgate.grpc.GoogleIam.binding;
import static dev.modelgate.grpc.GoogleIam.get;
import static dev.modelgate.grpc.GoogleIam.policy;
import static dev.modelgate.grpc.GoogleIam.set;
import static dev.modelgate.grpc.GoogleIam.when;
import static dev.modelgate.grpc.Site.ACME;
import static dev.modelgate.grpc.Site.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.iam.v1.Binding;
import com.google.iam.v1.Policy;
import dev.modelgate.grpc.GoogleIam;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.GrantChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Policies of Google AI Platform, through the client classes that Google publishes. */
final class IamPolicyRowsTest {
  private static final String PROJECT = ACME + "/projects/p1";
  private static final String MODEL = PROJECT + "/models/m1";
  private static final String VERSION = MODEL + "/versions/v1";
  private static final String M1 = "projects/p1/models/m1";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";
  private static final String PREDICT = "ml.models.predict";
  private static final Binding OWNER = binding("roles/ml.modelOwner", ANA);
  private static final Policy BLIND = Policy.getDefaultInstance();

  private final Site site = new Site("google-ai-platform");
  private final GoogleIam google = site.google();

  @BeforeEach
  void begin() {
    site.resource(PROJECT, Site.ADMIN);
    site.resource(MODEL, ANA);
  }

  @AfterEach
  void end() {
    google.close();
    site.close();
  }

  @Test
  @Row("F040")
  void setPolicy_givesMoreThanItsHolderHas() {
    site.principals(BEN, CYD);
    Binding setter = binding("permissions/ml.models.setIamPolicy", BEN);
    set(google.admin(), M1, policy(get(google.admin(), M1), OWNER, setter));
    site.assertChecks("ACCESS", BEN, MODEL, PREDICT, "ml.models.delete");
    Policy more = policy(BLIND, OWNER, setter, binding("roles/ml.modelOwner", CYD));
    set(google.as(BEN), M1, more);
    site.assertAllowed(CYD, MODEL, PREDICT, "ml.models.delete");
    set(google.admin(), M1, policy(BLIND, OWNER, binding("roles/ml.modelUser", BEN)));
    refused(Fault.NOT_PERMITTED, () -> set(google.as(BEN), M1, more));
    site.assertChecks("NO_GRANT", CYD, MODEL, PREDICT);
  }

  @Test
  @Row("F065")
  void modelUser_neitherReadsNorSetsThePolicy() {
    site.share(MODEL, BEN, "ml.modelUser");
    refused(Fault.NOT_PERMITTED, () -> get(google.as(BEN), M1));
    refused(Fault.NOT_PERMITTED, () -> set(google.as(BEN), M1, policy(BLIND, OWNER)));
    assertEquals(
        List.of(PREDICT),
        GoogleIam.test(
            google.as(BEN),
            M1,
            PREDICT,
            "ml.models.list",
            "ml.models.getIamPolicy",
            "ml.models.setIamPolicy",
            "ml.models.update",
            "ml.models.delete",
            "ml.versions.create"));
    assertEquals(get(google.admin(), M1), get(google.as(ANA), M1));
  }

  @Test
  @Row("F097")
  void emptyPolicy_leavesWhatIsInherited() {
    site.share(PROJECT, BEN, "ml.developer");
    site.assertAllowed(ANA, MODEL, PREDICT);
    set(google.as(ANA), M1, BLIND);
    assertEquals(0, get(google.admin(), M1).getBindingsCount());
    site.assertAllowed(BEN, MODEL, PREDICT);
    site.assertChecks("NO_GRANT", ANA, MODEL, PREDICT);
  }

  @Test
  @Row("F098")
  void version_hasNoPolicy_andIsUsedByTheModels() {
    String v1 = M1 + "/versions/v1";
    refused(Fault.KIND_NOT_SHAREABLE, () -> get(google.as(ANA), v1));
    refused(Fault.KIND_NOT_SHAREABLE, () -> set(google.as(ANA), v1, BLIND));
    site.assertChecks("NO_GRANT", BEN, VERSION, "ml.versions.predict");
    set(google.as(ANA), M1, policy(BLIND, OWNER, binding("roles/ml.modelUser", BEN)));
    site.assertAllowed(BEN, VERSION, "ml.versions.predict");
  }

  @Test
  @Row("F125")
  void policy_writtenBackWithItsEtag_isAppliedOnce() {
    Policy read = get(google.as(ANA), M1);
    Policy wanted = policy(read, OWNER, binding("roles/ml.modelUser", BEN));
    Policy written = set(google.as(ANA), M1, wanted);
    assertNotEquals(read.getEtag(), written.getEtag());
    assertEquals(get(google.as(ANA), M1).getEtag(), written.getEtag());
    site.assertAllowed(BEN, MODEL, PREDICT);
    site.share(MODEL, CYD, "ml.modelUser");
    Policy there = get(google.as(ANA), M1);
    refused(Fault.ETAG_MISMATCH, () -> set(google.as(ANA), M1, policy(written, OWNER)));
    assertEquals(there, get(google.as(ANA), M1));
    site.assertAllowed(BEN, MODEL, PREDICT);
  }

  @Test
  @Row("F126")
  void policy_withoutEtag_isRefusedWhereThereAreConditions() {
    Binding user = binding("roles/ml.modelUser", BEN);
    set(google.as(ANA), M1, policy(BLIND, OWNER, user));
    Binding conditional = when(user, "context.trusted");
    refused(Fault.INVALID_FIELD, () -> set(google.as(ANA), M1, policy(BLIND, OWNER, conditional)));
    Policy read = get(google.as(ANA), M1);
    set(google.as(ANA), M1, policy(read, OWNER, conditional));
    refused(Fault.INVALID_FIELD, () -> set(google.as(ANA), M1, policy(BLIND, OWNER)));
    site.assertChecks("CONDITIONAL [trusted]", BEN, MODEL, PREDICT);
    set(google.as(ANA), M1, policy(get(google.as(ANA), M1), OWNER));
    set(google.as(ANA), M1, policy(BLIND, OWNER, user));
    site.assertAllowed(BEN, MODEL, PREDICT);
  }

  @Test
  @Row("F127")
  void binding_thatIsNotInTheList_isGone() {
    site.share(MODEL, BEN, "ml.modelUser");
    site.share(MODEL, CYD, "ml.admin");
    site.assertAllowed(CYD, MODEL, "ml.models.update");
    Binding users = binding("roles/ml.modelUser", CYD);
    set(google.as(ANA), M1, policy(get(google.as(ANA), M1), OWNER, users));
    assertEquals(List.of(OWNER, users), get(google.as(ANA), M1).getBindingsList());
    site.assertChecks("NO_GRANT", BEN, MODEL, PREDICT);
    site.assertChecks("ACCESS", CYD, MODEL, "ml.models.update");
    site.assertAllowed(CYD, MODEL, PREDICT);
  }

  @Test
  @Row("F128")
  void policy_outOfBounds_isRefused() {
    Policy read = get(google.as(ANA), M1);
    refused(
        Fault.INVALID_FIELD,
        () -> set(google.as(ANA), M1, policy(read, OWNER, binding("roles/ml.modelUser"))));
    refused(
        Fault.UNKNOWN_ROLE,
        () -> set(google.as(ANA), M1, policy(read, OWNER, binding("roles/ml.emperor", BEN))));
    refused(
        Fault.INVALID_FIELD,
        () -> set(google.as(ANA), M1, policy(read, OWNER).toBuilder().setVersion(2).build()));
    refused(Fault.INVALID_FIELD, () -> get(google.as(ANA), M1, 2));
    refused(
        Fault.LIMIT_EXCEEDED,
        () -> set(google.as(ANA), M1, policy(read, OWNER, members(1_500, "user:u"))));
    assertEquals(read, get(google.as(ANA), M1));
    set(google.as(ANA), M1, policy(read, OWNER, members(1_499, "user:u")));
    site.assertAllowed("user:u1499", MODEL, PREDICT);
  }

  /** A group in two roles counts twice. */
  @Test
  @Row("F128")
  void policy_withMoreThan250Groups_isRefused() {
    Binding users = members(126, "group:g");
    users.getMembersList().forEach(site::group);
    Binding admins = members(125, "group:g").toBuilder().setRole("roles/ml.admin").build();
    Policy read = get(google.as(ANA), M1);
    refused(
        Fault.LIMIT_EXCEEDED, () -> set(google.as(ANA), M1, policy(read, OWNER, users, admins)));
    assertEquals(read, get(google.as(ANA), M1));
    Binding fewer = members(125, "group:g");
    set(google.as(ANA), M1, policy(read, OWNER, fewer, admins));
    assertEquals(
        List.of(125, 1, 125),
        get(google.as(ANA), M1).getBindingsList().stream().map(Binding::getMembersCount).toList());
  }

  @Test
  @Row("F129")
  void member_boundAlready_isBoundOnce_andOneThatIsNotCannotGo() {
    GrantChange.Builder add = Site.set(BEN, "ml.modelUser").setMode(GrantChange.Mode.MODE_MERGE);
    site.grant(site.as(ANA), MODEL, add);
    Policy read = get(google.as(ANA), M1);
    site.grant(site.as(ANA), MODEL, add);
    assertEquals(read, get(google.as(ANA), M1));
    Binding user = binding("roles/ml.modelUser", BEN);
    set(google.as(ANA), M1, policy(read, OWNER, user, user));
    assertEquals(read, get(google.as(ANA), M1));
    refused(
        Fault.NOTHING_TO_REMOVE,
        () ->
            site.grant(
                site.as(ANA),
                MODEL,
                Site.set(BEN, "ml.admin").setMode(GrantChange.Mode.MODE_REMOVE)));
    site.grant(site.as(ANA), MODEL, add.setMode(GrantChange.Mode.MODE_REMOVE));
    site.assertChecks("NO_GRANT", BEN, MODEL, PREDICT);
  }

  @Test
  @Row("F130")
  void binding_withAnExpiry_endsByItself() {
    Binding user =
        when(
            binding("roles/ml.modelUser", BEN),
            "request.time < timestamp(\"" + site.time().plusSeconds(3_600) + "\")");
    set(google.as(ANA), M1, policy(get(google.as(ANA), M1), OWNER, user));
    Policy there = get(google.as(ANA), M1);
    site.assertAllowed(BEN, MODEL, PREDICT);
    assertEquals(List.of(PREDICT), GoogleIam.test(google.as(BEN), M1, PREDICT));
    site.now.updateAndGet(now -> now.plus(Duration.ofMillis(3_599_999)));
    site.assertAllowed(BEN, MODEL, PREDICT);
    site.now.updateAndGet(now -> now.plusMillis(1));
    site.assertChecks("NO_GRANT", BEN, MODEL, PREDICT);
    assertEquals(List.of(), GoogleIam.test(google.as(BEN), M1, PREDICT));
    assertEquals(there, get(google.as(ANA), M1));
  }

  @Test
  @Row("F131")
  void condition_onABasicRoleOrEverybody_isRefused_andNeedsVersion3() {
    String project = "projects/p1";
    String expression = "request.time < timestamp(\"2030-01-01T00:00:00Z\")";
    Policy top = get(google.admin(), project);
    for (String basic : List.of("roles/owner", "roles/editor", "roles/viewer")) {
      refused(
          Fault.INVALID_FIELD,
          () -> set(google.admin(), project, policy(top, when(binding(basic, BEN), expression))));
    }
    Policy read = get(google.as(ANA), M1);
    for (String everybody : List.of("allUsers", "allAuthenticatedUsers")) {
      Binding binding = binding("roles/ml.modelUser", everybody);
      refused(
          Fault.INVALID_FIELD,
          () -> set(google.as(ANA), M1, policy(read, OWNER, when(binding, expression))));
    }
    Policy conditional = policy(read, OWNER, when(binding("roles/ml.modelUser", BEN), expression));
    for (int version : List.of(0, 1)) {
      refused(
          Fault.INVALID_FIELD,
          () -> set(google.as(ANA), M1, conditional.toBuilder().setVersion(version).build()));
    }
    assertEquals(read, get(google.as(ANA), M1));
    set(google.as(ANA), M1, conditional);
    site.assertAllowed(BEN, MODEL, PREDICT);
    Policy everybody =
        policy(get(google.as(ANA), M1), OWNER, binding("roles/ml.modelUser", "allUsers"));
    set(google.as(ANA), M1, everybody);
    site.assertAllowed("anonymous", MODEL, PREDICT);
    set(google.admin(), project, policy(top, binding("roles/viewer", CYD)));
    site.assertAllowed(CYD, MODEL, PREDICT);
  }

  @Test
  @Row("F132")
  void testPermissions_areTheHeldSubset() {
    site.share(MODEL, BEN, "ml.modelUser");
    String[] asked = {PREDICT, "ml.models.delete", "ml.models.get", "ml.models.setIamPolicy"};
    assertEquals(List.of(PREDICT, "ml.models.get"), GoogleIam.test(google.as(BEN), M1, asked));
    assertEquals(List.of(asked), GoogleIam.test(google.as(ANA), M1, asked));
    String missing = "projects/p1/models/none";
    assertEquals(List.of(), GoogleIam.test(google.as(ANA), missing, asked));
    assertEquals(List.of(), GoogleIam.test(google.admin(), missing, asked));
    assertEquals(List.of(), GoogleIam.test(google.admin(), missing + "/versions/v1", PREDICT));
    assertEquals(List.of(), GoogleIam.test(google.admin(), "organizations/none", PREDICT));
    refused(Fault.INVALID_FIELD, () -> GoogleIam.test(google.as(BEN), M1, "ml.models.*"));
    refused(Fault.INVALID_FIELD, () -> GoogleIam.test(google.as(BEN), M1, "*"));
  }

  private static Binding members(int count, String prefix) {
    List<String> members = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      members.add(prefix + i);
    }
    return binding("roles/ml.modelUser", members.toArray(String[]::new));
  }
}
