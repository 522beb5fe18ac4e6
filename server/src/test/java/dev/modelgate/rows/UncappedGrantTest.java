package dev.modelgate.rows;

import static dev.modelgate.rows.GoogleSite.ANA;
import static dev.modelgate.rows.GoogleSite.BEN;
import static dev.modelgate.rows.GoogleSite.CARL;
import static dev.modelgate.rows.GoogleSite.MODEL;
import static dev.modelgate.rows.GoogleSite.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.GrantChange;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * In a profile that does not cap, whoever may set a policy gives everything; but what he gives ends
 * with the right by which he gives it.
 */
final class UncappedGrantTest {
  private static final String ADMIN_ROLE = "ml.admin";
  private static final String USER_ROLE = "ml.modelUser";

  private final GoogleSite google = new GoogleSite();
  private final Site site = google.site;
  private final Instant end = site.time().plusSeconds(3_600);

  /** Ana may set the policies of the project for an hour, and Carl for ever. */
  @BeforeEach
  void fill() {
    site.principals(ANA, BEN, CARL);
    site.grant(site.admin(), PROJECT, until(Site.set(ANA, ADMIN_ROLE), end));
    site.grant(site.admin(), PROJECT, Site.set(CARL, ADMIN_ROLE));
  }

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void grant_withoutAnEndOrWithALaterOne_isRefusedWhereTheRightToGiveEnds() {
    Site.refused(
        Fault.CAP_EXCEEDED, () -> site.grant(site.as(ANA), MODEL, Site.set(BEN, USER_ROLE)));
    Site.refused(
        Fault.CAP_EXCEEDED,
        () ->
            site.grant(site.as(ANA), MODEL, until(Site.set(BEN, USER_ROLE), end.plusNanos(1_000))));
    assertEquals("NO_GRANT", site.check(BEN, MODEL, "ml.models.predict"));
  }

  @Test
  void grant_thatEndsWithTheRightToGive_isTakenAndEnds() {
    site.grant(site.as(ANA), MODEL, until(GoogleSite.set(BEN, "ml.models.setIamPolicy"), end));
    assertEquals("ALLOW", site.check(BEN, MODEL, "ml.models.setIamPolicy"));
    Site.refused(
        Fault.CAP_EXCEEDED, () -> site.grant(site.as(BEN), MODEL, Site.set(ANA, USER_ROLE)));
    site.now.set(end);
    assertEquals("NO_GRANT", site.check(BEN, MODEL, "ml.models.setIamPolicy"));
    assertEquals("NO_GRANT", site.check(ANA, MODEL, "ml.models.setIamPolicy"));
  }

  @Test
  void grant_ofWhoeverGivesByARightWithoutAnEnd_needsNone() {
    site.grant(site.as(CARL), MODEL, Site.set(BEN, USER_ROLE));
    site.now.set(end.plusSeconds(1));
    assertEquals("ALLOW", site.check(BEN, MODEL, "ml.models.predict"));
  }

  /** What holds under a condition only is no right to give. */
  @Test
  void grant_ofWhoeverGivesUnderACondition_isRefused() {
    site.revoke(site.admin(), PROJECT, ANA);
    site.grant(
        site.admin(), PROJECT, Site.set(ANA, ADMIN_ROLE).setCondition("resource.type != \"x\""));
    Site.refused(
        Fault.NOT_PERMITTED, () -> site.grant(site.as(ANA), MODEL, Site.set(BEN, USER_ROLE)));
  }

  private static GrantChange.Builder until(GrantChange.Builder change, Instant end) {
    return change.setExpiresAt(
        Timestamp.newBuilder().setSeconds(end.getEpochSecond()).setNanos(end.getNano()));
  }
}
