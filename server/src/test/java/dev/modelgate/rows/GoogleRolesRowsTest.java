package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;

import dev.modelgate.grpc.Site;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Google's ml roles on projects, models and versions. */
final class GoogleRolesRowsTest {
  private static final String PROJECT = ACME + "/projects/p1";
  private static final String MODEL = PROJECT + "/models/m1";
  private static final String OTHER = PROJECT + "/models/m2";
  private static final String VERSION = MODEL + "/versions/v1";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";

  private final Site site = new Site("google-ai-platform");

  @BeforeEach
  void begin() {
    site.resource(PROJECT, Site.ADMIN);
    site.resource(MODEL, ANA);
    site.resource(OTHER, ANA);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F064")
  void modelUser_getsListsVersionsAndPredicts() {
    site.assertChecks("NO_GRANT", BEN, MODEL, "ml.models.predict");
    site.share(MODEL, BEN, "ml.modelUser");
    site.assertAllowed(BEN, MODEL, "ml.models.get", "ml.models.predict");
    site.assertAllowed(BEN, VERSION, "ml.versions.get", "ml.versions.list", "ml.versions.predict");
  }

  @Test
  @Row("F065")
  void modelUser_nothingElse_isAllowed() {
    site.share(MODEL, BEN, "ml.modelUser");
    site.assertChecks(
        "ACCESS",
        BEN,
        MODEL,
        "ml.models.list",
        "ml.models.getIamPolicy",
        "ml.models.setIamPolicy",
        "ml.models.update",
        "ml.models.delete");
    site.assertChecks(
        "ACCESS", BEN, VERSION, "ml.versions.create", "ml.versions.update", "ml.versions.delete");
  }

  @Test
  @Row("F096")
  void modelUser_onOneModel_hasNothingOnAnother() {
    site.share(MODEL, BEN, "ml.modelUser");
    site.assertAllowed(BEN, MODEL, "ml.models.predict");
    site.assertChecks("NO_GRANT", BEN, OTHER, "ml.models.predict", "ml.models.get");
  }
}
