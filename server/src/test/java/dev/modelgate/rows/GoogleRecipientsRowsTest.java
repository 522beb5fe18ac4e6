package dev.modelgate.rows;

import static dev.modelgate.rows.GoogleSite.ANA;
import static dev.modelgate.rows.GoogleSite.BEN;
import static dev.modelgate.rows.GoogleSite.CARL;
import static dev.modelgate.rows.GoogleSite.MODEL;
import static dev.modelgate.rows.GoogleSite.OTHER;
import static dev.modelgate.rows.GoogleSite.OWNER;
import static dev.modelgate.rows.GoogleSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Principal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whom a Google policy can name: users, groups, service accounts, domains, everybody. */
final class GoogleRecipientsRowsTest {
  private static final String SCORER = "serviceAccount:scorer";
  private static final String OTHER_SCORER = "serviceAccount:other";
  private static final String OUTER = "group:outer";
  private static final String INNER = "group:inner";
  private static final String ANONYMOUS = "anonymous";
  private static final String[] USE = {"get", "predict", "ml.models.get", "ml.models.predict"};

  private final GoogleSite bed = new GoogleSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F016")
  void user_withWhomTheModelIsSharedForUse_getsAndPredicts() {
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.share(site.as(OWNER), MODEL, ANA, "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
    site.assertAllowed(ANA, VERSION, "get", "predict");
    site.assertChecks("NO_GRANT", BEN, MODEL, USE);
    site.assertChecks("ACCESS", ANA, MODEL, "ml.models.update", "share", "delete");
  }

  @Test
  @Row("F020")
  void member_ofAGroup_predictsAsLongAsHeIsInIt() {
    site.group("group:risk", ANA, BEN);
    site.share(site.as(OWNER), MODEL, "group:risk", "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
    site.assertAllowed(BEN, MODEL, USE);
    site.assertChecks("NO_GRANT", CARL, MODEL, USE);
    site.member(Operation.OPERATION_REMOVE, "group:risk", ANA);
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.assertAllowed(BEN, MODEL, USE);
    site.member(Operation.OPERATION_ADD, "group:risk", CARL);
    site.assertAllowed(CARL, MODEL, USE);
  }

  @Test
  @Row("F053")
  void serviceAccount_isAPrincipalLikeAnyOther() {
    var info =
        Site.refused(Fault.UNKNOWN_PRINCIPAL, () -> site.share(MODEL, SCORER, "ml.modelUser"));
    assertEquals(SCORER, info.getMetadataOrThrow("value"));
    site.principals(SCORER, OTHER_SCORER);
    site.assertChecks("NO_GRANT", SCORER, MODEL, USE);
    site.share(site.as(OWNER), MODEL, SCORER, "ml.modelUser");
    site.assertAllowed(SCORER, MODEL, USE);
    site.assertAllowed(SCORER, VERSION, "predict");
    site.assertChecks("ACCESS", SCORER, MODEL, "ml.models.update");
    site.assertChecks("NO_GRANT", OTHER_SCORER, MODEL, USE);
    site.assertChecks("NO_GRANT", SCORER, OTHER, USE);
    site.put(SCORER, request -> request.setState(Principal.State.STATE_DISABLED));
    site.assertChecks("PRINCIPAL_INACTIVE", SCORER, MODEL, USE);
  }

  @Test
  @Row("F053")
  void serviceAccount_hasWhatItsGroupHas() {
    site.principals(SCORER);
    site.group("group:servers", SCORER);
    site.share(MODEL, "group:servers", "ml.modelUser");
    site.assertAllowed(SCORER, MODEL, USE);
    site.member(Operation.OPERATION_REMOVE, "group:servers", SCORER);
    site.assertChecks("NO_GRANT", SCORER, MODEL, USE);
  }

  /** Of an account without a record nothing is known, so it is in no domain either. */
  @Test
  @Row("F054")
  void domain_granted_reachesItsUsersAndNoOthers() {
    String inDomain = "user:x@example.com";
    site.principals(
        inDomain, ANA, "user:x@sub.example.com", "user:x@notexample.com", "user:example.com");
    site.assertChecks("NO_GRANT", inDomain, MODEL, USE);
    site.share(site.as(OWNER), MODEL, "domain:example.com", "ml.modelUser");
    site.assertAllowed(inDomain, MODEL, USE);
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.assertChecks("NO_GRANT", "user:x@sub.example.com", MODEL, USE);
    site.assertChecks("NO_GRANT", "user:x@notexample.com", MODEL, USE);
    site.assertChecks("NO_GRANT", "user:example.com", MODEL, USE);
    site.assertChecks("NO_GRANT", "user:unrecorded@example.com", MODEL, USE);
    site.assertChecks("NO_GRANT", ANONYMOUS, MODEL, USE);
    site.revoke(site.as(OWNER), MODEL, "domain:example.com");
    site.assertChecks("NO_GRANT", inDomain, MODEL, USE);
  }

  @Test
  @Row("F055")
  void allAuthenticatedUsers_granted_reachesEverybodySignedInAndNotTheAnonymous() {
    site.principals(SCORER);
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.share(site.as(OWNER), MODEL, "allAuthenticatedUsers", "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
    site.assertAllowed("user:x@example.com", MODEL, USE);
    site.assertAllowed(SCORER, MODEL, USE);
    site.assertChecks("NO_GRANT", ANONYMOUS, MODEL, USE);
    site.assertChecks("NO_GRANT", ANA, OTHER, USE);
  }

  @Test
  @Row("F055")
  void allUsers_granted_reachesTheAnonymousToo() {
    site.share(site.as(OWNER), MODEL, "allUsers", "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
    site.assertAllowed(ANONYMOUS, MODEL, USE);
    site.assertChecks("ACCESS", ANONYMOUS, MODEL, "ml.models.update");
    site.revoke(site.as(OWNER), MODEL, "allUsers");
    site.assertChecks("NO_GRANT", ANONYMOUS, MODEL, USE);
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
  }

  @Test
  @Row({"F054", "F055"})
  void outsiders_areRefusedAsRecipients_whileIsolationIsClosed() {
    bed.profile(
        Map.of(
            "isolation: open",
            "isolation: closed",
            "[user, serviceAccount, group, domain, allAuthenticatedUsers, allUsers]",
            "[user, serviceAccount, group]"));
    for (String outside : List.of("domain:example.com", "allAuthenticatedUsers", "allUsers")) {
      var info =
          Site.refused(
              Fault.KIND_NOT_ALLOWED,
              () -> site.share(site.as(OWNER), MODEL, outside, "ml.modelUser"));
      assertEquals(outside, info.getMetadataOrThrow("value"));
    }
    assertEquals(1, site.grants(MODEL).size());
    site.assertChecks("NO_GRANT", ANONYMOUS, MODEL, USE);
    site.share(site.as(OWNER), MODEL, ANA, "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
  }

  @Test
  @Row("F057")
  void member_ofAnInnerGroup_hasWhatTheOuterOneHas() {
    site.group(INNER, ANA);
    site.group(OUTER, BEN);
    site.share(site.as(OWNER), MODEL, OUTER, "ml.modelUser");
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.member(Operation.OPERATION_ADD, OUTER, INNER);
    site.assertAllowed(ANA, MODEL, USE);
    site.member(Operation.OPERATION_REMOVE, OUTER, INNER);
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.assertAllowed(BEN, MODEL, USE);
  }

  @Test
  @Row("F057")
  void member_ofTheOuterGroup_hasNotWhatTheInnerOneHas() {
    site.group(INNER, ANA);
    site.group(OUTER, BEN, INNER);
    site.share(site.as(OWNER), MODEL, INNER, "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
    site.assertChecks("NO_GRANT", BEN, MODEL, USE);
    var info =
        Site.refused(
            Fault.MEMBERSHIP_CYCLE, () -> site.member(Operation.OPERATION_ADD, INNER, OUTER));
    assertEquals(Map.of("group", INNER, "member", OUTER), info.getMetadataMap());
  }

  /** Only what a deletion takes and a new account of the name lacks; nothing is restored. */
  @Test
  void newAccount_withTheNameOfADeletedOne_hasNothingOfIt() {
    site.share(MODEL, ANA, "ml.modelUser");
    String uid = principal(ANA).getUid();
    site.assertAllowed(ANA, MODEL, USE);
    site.admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(Site.ACME)
                .setPrincipal(ANA)
                .build());
    assertEquals(Principal.State.STATE_DELETED, principal(ANA).getState());
    assertEquals(uid, principal(ANA).getUid());
    site.assertChecks("PRINCIPAL_INACTIVE", ANA, MODEL, USE);
    assertEquals(List.of(), site.roles(MODEL, ANA));

    site.principals(ANA);
    assertNotEquals(uid, principal(ANA).getUid());
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.share(MODEL, ANA, "ml.modelUser");
    site.assertAllowed(ANA, MODEL, USE);
  }

  private Principal principal(String name) {
    return site.admin()
        .getPrincipal(
            GetPrincipalRequest.newBuilder().setOrganization(Site.ACME).setPrincipal(name).build())
        .getPrincipal();
  }
}
