package dev.modelgate.rows;

import static dev.modelgate.rows.GoogleSite.ANA;
import static dev.modelgate.rows.GoogleSite.BEN;
import static dev.modelgate.rows.GoogleSite.CARL;
import static dev.modelgate.rows.GoogleSite.MODEL;
import static dev.modelgate.rows.GoogleSite.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.modelgate.grpc.GoogleIam;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.SetPolicyRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Deleted accounts: that they can do nothing, also where accounts without a record can; how
 * policies show them, and how they come back.
 */
final class GoogleDeletedRowsTest {
  private static final String SCORER = "serviceAccount:scorer";
  private static final String STRANGER = "user:stranger@acme.com";
  private static final String EVERYBODY = "allAuthenticatedUsers";
  private static final String BEN_ROLE = "ml.modelUser";
  private static final String[] USE = {"get", "predict"};

  private final GoogleSite bed = new GoogleSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  /** Before and after the sweep, asked for the first time and from the cache. */
  @Test
  void deletedAccount_whereAllAuthenticatedMay_isInactive() {
    site.principals(ANA, BEN, SCORER);
    site.share(site.as(OWNER), MODEL, EVERYBODY, "ml.modelUser");
    for (String account : List.of(ANA, BEN, SCORER, STRANGER)) {
      site.assertAllowed(account, MODEL, USE);
    }
    site.delete(ANA);
    site.delete(SCORER);
    site.assertChecks("PRINCIPAL_INACTIVE", ANA, MODEL, USE);
    site.assertChecks("PRINCIPAL_INACTIVE", SCORER, MODEL, USE);
    site.sweep();
    site.assertChecks("PRINCIPAL_INACTIVE", ANA, MODEL, USE);
    site.assertChecks("PRINCIPAL_INACTIVE", SCORER, MODEL, USE);
    site.assertAllowed(BEN, MODEL, USE);
    site.assertAllowed(STRANGER, MODEL, USE);

    site.principals(ANA);
    site.assertAllowed(ANA, MODEL, USE);
  }

  @Test
  void deletedAccount_asALinkOfAChain_deniesTheChain() {
    site.principals(ANA, BEN, SCORER);
    site.share(MODEL, EVERYBODY, "ml.modelUser");
    CheckRequest.Builder through =
        CheckRequest.newBuilder()
            .setPrincipal(BEN)
            .addActingThrough(SCORER)
            .setModel(MODEL)
            .setAction("predict");
    assertEquals("ALLOW", site.check(through));
    site.delete(SCORER);
    assertEquals("PRINCIPAL_INACTIVE", site.check(through));
    assertEquals(SCORER, site.data().check(through.build()).getDeniedLink());
    site.assertAllowed(BEN, MODEL, "predict");
  }

  @Test
  void deletedAccount_inListings_isInNone() {
    site.principals(ANA, BEN);
    site.share(MODEL, EVERYBODY, "ml.modelUser");
    assertEquals(List.of(MODEL), site.lookup(ANA, "predict", GoogleSite.PROJECT, ""));
    assertEquals(List.of(ANA, BEN), predictors());
    site.delete(ANA);
    assertEquals(List.of(), site.lookup(ANA, "predict", GoogleSite.PROJECT, ""));
    assertEquals(List.of(MODEL), site.lookup(BEN, "predict", GoogleSite.PROJECT, ""));
    assertEquals(List.of(BEN), predictors());
    ExplainResponse why =
        site.data()
            .explain(
                ExplainRequest.newBuilder()
                    .setPrincipal(ANA)
                    .setModel(MODEL)
                    .setAction("predict")
                    .build());
    assertEquals("PRINCIPAL_INACTIVE", why.getReason());
    assertEquals("is deleted", why.getSteps(0).getWhy());
  }

  private List<String> predictors() {
    LookupPrincipalsResponse page =
        site.data()
            .lookupPrincipals(
                LookupPrincipalsRequest.newBuilder()
                    .setResource(MODEL)
                    .setAction("predict")
                    .setExpandGroups(true)
                    .build());
    return page.getPrincipalsList().stream()
        .filter(name -> name.equals(ANA) || name.equals(BEN))
        .sorted()
        .toList();
  }

  /** To be named is not to be made anew, by whomever: only PutPrincipal does that. */
  @Test
  void deletedAccount_named_isRefusedAndStaysDeleted() {
    site.principals(ANA);
    site.group("group:risk");
    site.delete(ANA);
    var info =
        Site.refused(
            Fault.RECIPIENT_INACTIVE, () -> site.share(site.as(OWNER), MODEL, ANA, "ml.modelUser"));
    assertEquals(ANA, info.getMetadataOrThrow("value"));
    Site.refused(Fault.RECIPIENT_INACTIVE, () -> site.share(MODEL, ANA, "ml.modelUser"));
    Site.refused(
        Fault.RECIPIENT_INACTIVE, () -> site.transfer(site.admin(), MODEL, OWNER, ANA, ""));
    Site.refused(Fault.RECIPIENT_INACTIVE, () -> site.resource(MODEL + "2", ANA));
    Site.refused(
        Fault.RECIPIENT_INACTIVE, () -> site.member(Operation.OPERATION_ADD, "group:risk", ANA));
    site.assertChecks("PRINCIPAL_INACTIVE", ANA, MODEL, USE);
    site.share(site.as(OWNER), MODEL, STRANGER, "ml.modelUser");
    site.assertAllowed(STRANGER, MODEL, USE);
  }

  @Test
  @Row("F056")
  void granted_deletedAndRestored_isShownWithHisUidAndHasHisGrantAgain() {
    String before = site.uid(benWithGrant());
    site.assertAllowed(BEN, MODEL, USE);
    site.delete(BEN);
    String deleted = deleted(BEN, before);
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, MODEL, USE);
    assertEquals(Set.of(OWNER, CARL, deleted), members(policy()));
    assertEquals(List.of(BEN_ROLE), rolesOf(deleted));
    assertEquals(List.of(), site.roles(MODEL, BEN), "ListGrants says what gives something");

    Principal restored = site.restore(site.as(Site.ADMIN), BEN, before);
    assertEquals(before, restored.getUid());
    assertEquals(Principal.State.STATE_ACTIVE, restored.getState());
    site.assertAllowed(BEN, MODEL, USE);
    site.assertChecks("ACCESS", BEN, MODEL, "ml.models.update");
    assertEquals(Set.of(OWNER, CARL, BEN), members(policy()));
  }

  @Test
  @Row("F056")
  void granted_deletedAndMadeAnew_hasNothingAndIsNotRestoredBesideHisSuccessor() {
    String before = site.uid(benWithGrant());
    site.delete(BEN);
    site.principals(BEN);
    assertNotEquals(before, site.uid(BEN));
    site.assertChecks("NO_GRANT", BEN, MODEL, USE);
    assertEquals(Set.of(OWNER, CARL, deleted(BEN, before)), members(policy()));
    var info = Site.refused(Fault.ALREADY_EXISTS, () -> site.restore(site.admin(), BEN, before));
    assertEquals(Map.of("name", BEN), info.getMetadataMap());
    site.assertChecks("NO_GRANT", BEN, MODEL, USE);
    // With the successor gone, too, the predecessor can come back.
    site.delete(BEN);
    site.restore(site.admin(), deleted(BEN, before), "");
    site.assertAllowed(BEN, MODEL, USE);
  }

  @Test
  @Row("F056")
  void granted_deletedAndSwept_isInNoPolicyAndCannotBeRestored() {
    String before = site.uid(benWithGrant());
    site.delete(BEN);
    site.sweep();
    assertEquals(Set.of(OWNER, CARL), members(policy()));
    var info = Site.refused(Fault.NOT_RESTORABLE, () -> site.restore(site.admin(), BEN, before));
    assertEquals(Map.of("principal", BEN, "uid", before), info.getMetadataMap());
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, MODEL, USE);
  }

  /** What was read is written back as it is; a deleted member stays or goes, and never comes. */
  @Test
  @Row("F056")
  void policy_withADeletedMember_isWrittenBackUnchangedAndTakesNoOther() {
    String uid = site.uid(benWithGrant());
    String carls = site.uid(CARL);
    site.delete(BEN);
    String deleted = deleted(BEN, uid);
    Policy read = policy();
    setPolicy(read);
    assertEquals(read.getBindingsList(), policy().getBindingsList());
    for (String wrong : List.of(deleted(CARL, carls), deleted(ANA, uid), deleted + "7")) {
      Policy.Builder more = read.toBuilder();
      more.addBindings(Binding.newBuilder().setRole(BEN_ROLE).addMembers(wrong));
      Site.refused(Fault.UNKNOWN_PRINCIPAL, () -> setPolicy(more.build()));
    }
    Policy.Builder other = read.toBuilder();
    other.addBindings(Binding.newBuilder().setRole("ml.modelOwner").addMembers(deleted));
    Site.refused(Fault.UNKNOWN_PRINCIPAL, () -> setPolicy(other.build()));
    Site.refused(
        Fault.INVALID_FIELD,
        () ->
            setPolicy(
                read.toBuilder()
                    .addBindings(
                        Binding.newBuilder().setRole(BEN_ROLE).addMembers("deleted:" + BEN))
                    .build()));
    site.restore(site.admin(), BEN, uid);
    site.assertAllowed(BEN, MODEL, USE);

    site.delete(BEN);
    Policy without = policy();
    Policy.Builder less = without.toBuilder().clearBindings();
    for (Binding binding : without.getBindingsList()) {
      if (!binding.getMembersList().contains(deleted)) {
        less.addBindings(binding);
      }
    }
    setPolicy(less.build());
    site.restore(site.admin(), BEN, uid);
    site.assertChecks("NO_GRANT", BEN, MODEL, USE);
  }

  /** Hazard 31: who gives somebody back what he had widens more than he may himself. */
  @Test
  @Row("F056")
  void restoringAndReactivating_isForAdministratorsAlone() {
    String uid = site.uid(benWithGrant());
    site.delete(BEN);
    for (String actor : List.of(OWNER, CARL)) {
      var info = Site.refused(Fault.NOT_PERMITTED, () -> site.restore(site.as(actor), BEN, uid));
      assertEquals(Site.ACME, info.getMetadataOrThrow("resource"));
    }
    Site.refused(Fault.ON_BEHALF_OF_INVALID, () -> site.restore(site.as(BEN), BEN, uid));
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, MODEL, USE);
    site.restore(site.as(Site.ADMIN), BEN, uid);

    site.put(BEN, request -> request.setState(Principal.State.STATE_DISABLED));
    for (String actor : List.of(OWNER, CARL)) {
      Site.refused(
          Fault.NOT_PERMITTED,
          () ->
              site.as(actor)
                  .putPrincipal(
                      PutPrincipalRequest.newBuilder()
                          .setOrganization(Site.ACME)
                          .setPrincipal(BEN)
                          .setState(Principal.State.STATE_ACTIVE)
                          .build()));
    }
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, MODEL, USE);
    site.delete(BEN);
    assertEquals(Principal.State.STATE_DISABLED, site.restore(site.admin(), BEN, uid).getState());
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, MODEL, USE);
  }

  @Test
  void restore_ofNobodyDeleted_isRefused() {
    String uid = site.uid(benWithGrant());
    Site.refused(Fault.ALREADY_EXISTS, () -> site.restore(site.admin(), BEN, uid));
    Site.refused(Fault.NOT_FOUND, () -> site.restore(site.admin(), CARL, uid));
    Site.refused(Fault.NOT_FOUND, () -> site.restore(site.admin(), BEN, "7fffffff"));
    for (String malformed : List.of("", "0" + uid, "G", "-1", "ABC")) {
      Site.refused(Fault.INVALID_FIELD, () -> site.restore(site.admin(), BEN, malformed));
    }
    Site.refused(Fault.INVALID_FIELD, () -> site.restore(site.admin(), deleted(BEN, uid), uid));
  }

  /** Ben and Carl may use the model; answers Ben. */
  private String benWithGrant() {
    site.principals(BEN, CARL);
    site.share(site.as(OWNER), MODEL, BEN, BEN_ROLE);
    site.share(site.as(OWNER), MODEL, CARL, "ml.modelOwner");
    return BEN;
  }

  private static String deleted(String principal, String uid) {
    return "deleted:" + principal + "?uid=" + Long.parseLong(uid, 16);
  }

  private List<String> rolesOf(String member) {
    return policy().getBindingsList().stream()
        .filter(binding -> binding.getMembersList().contains(member))
        .map(Binding::getRole)
        .toList();
  }

  private static Set<String> members(Policy policy) {
    Set<String> members = new TreeSet<>();
    policy.getBindingsList().forEach(binding -> members.addAll(binding.getMembersList()));
    return members;
  }

  /** The policy, of which Google's service shows the same members. */
  private Policy policy() {
    Policy policy =
        site.as(OWNER)
            .getPolicy(GetPolicyRequest.newBuilder().setResource(MODEL).build())
            .getPolicy();
    try (GoogleIam google = site.google()) {
      Set<String> members = new TreeSet<>();
      GoogleIam.get(google.as(OWNER), MODEL)
          .getBindingsList()
          .forEach(binding -> members.addAll(binding.getMembersList()));
      assertEquals(members(policy), members);
    }
    return policy;
  }

  private void setPolicy(Policy policy) {
    site.as(OWNER)
        .setPolicy(SetPolicyRequest.newBuilder().setResource(MODEL).setPolicy(policy).build());
  }
}
