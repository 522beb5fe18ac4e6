package dev.modelgate.rows;

import static dev.modelgate.rows.GoogleSite.ANA;
import static dev.modelgate.rows.GoogleSite.BEN;
import static dev.modelgate.rows.GoogleSite.MODEL;
import static dev.modelgate.rows.GoogleSite.OWNER;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import dev.modelgate.v1.MembershipChange.Operation;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a deleted account can do where accounts without a record can do something: nothing. */
final class GoogleDeletedRowsTest {
  private static final String SCORER = "serviceAccount:scorer";
  private static final String STRANGER = "user:stranger@acme.com";
  private static final String EVERYBODY = "allAuthenticatedUsers";
  private static final String[] USE = {"get", "predict"};

  private final GoogleSite bed = new GoogleSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  private void delete(String principal) {
    site.admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(Site.ACME)
                .setPrincipal(principal)
                .build());
  }

  /** Before and after the sweep, asked for the first time and from the cache. */
  @Test
  void deletedAccount_whereAllAuthenticatedMay_isInactive() {
    site.principals(ANA, BEN, SCORER);
    site.share(site.as(OWNER), MODEL, EVERYBODY, "ml.modelUser");
    for (String account : List.of(ANA, BEN, SCORER, STRANGER)) {
      site.assertAllowed(account, MODEL, USE);
    }
    delete(ANA);
    delete(SCORER);
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
    delete(SCORER);
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
    delete(ANA);
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
    delete(ANA);
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
}
