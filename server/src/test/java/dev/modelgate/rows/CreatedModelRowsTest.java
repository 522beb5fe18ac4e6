package dev.modelgate.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody may do with the model that he has just created, system by system. */
final class CreatedModelRowsTest {
  private static final String MAKER = "user:maker@acme.com";
  private static final String PEER = "user:peer@acme.com";
  private static final String[] ALL = {"get", "predict", "update", "delete", "share"};

  /** By owning it: no share says so, and none can take it. */
  @Test
  @Row("F002")
  void aiBuilderModel_justCreated_isItsMakersByOwnership() {
    AiBuilderSite bed = new AiBuilderSite();
    try (Site site = bed.site) {
      create(site, AiBuilderSite.MAKER, AiBuilderSite.MODEL);
      site.assertAllowed(AiBuilderSite.MAKER, AiBuilderSite.MODEL, ALL);
      site.assertChecks("NO_GRANT", AiBuilderSite.OTHER_MAKER, AiBuilderSite.MODEL, ALL);
      assertEquals(
          List.of("owner"), site.roles(AiBuilderSite.MODEL, AiBuilderSite.MAKER), "the owner");
      Site.refused(
          Fault.LAST_OWNER,
          () -> site.revoke(site.admin(), AiBuilderSite.MODEL, AiBuilderSite.MAKER));
      site.share(
          site.as(AiBuilderSite.MAKER), AiBuilderSite.MODEL, AiBuilderSite.OTHER_MAKER, "user");
      site.assertAllowed(AiBuilderSite.OTHER_MAKER, AiBuilderSite.MODEL, "get_for_use");
    }
  }

  /** By an automatic grant, which another owner's share lets him give up. */
  @Test
  @Row("F002")
  void dataRobotAsset_justCreated_isItsMakersByAGrantThatCanGo() {
    try (Site site = new Site("datarobot")) {
      site.principals(MAKER, PEER);
      for (String user : List.of(MAKER, PEER)) {
        site.rights(
            TypeRightChange.newBuilder()
                .setMode(TypeRightChange.Mode.MODE_SET)
                .setPrincipal(user)
                .setKind("organization")
                .setPermissions(Permissions.newBuilder().addPermissions("create"))
                .setDepth(Depth.DEPTH_ORGANIZATION)
                .addEffects(Effect.EFFECT_ALLOWS));
      }
      for (String asset : List.of("/projects/p", "/deployments/d")) {
        String name = Site.ACME + asset;
        create(site, MAKER, name);
        site.assertAllowed(MAKER, name, ALL);
        site.assertChecks("NO_GRANT", PEER, name, ALL);
        Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.as(MAKER), name, MAKER));
        site.share(site.as(MAKER), name, PEER, "owner");
        site.assertAllowed(PEER, name, "get", "predict", "update", "delete");
        site.revoke(site.as(MAKER), name, MAKER);
        site.assertChecks("NO_GRANT", MAKER, name, ALL);
      }
    }
  }

  /** By an automatic grant, which anybody who sets the policy can take. */
  @Test
  @Row("F002")
  void googleModel_justCreated_isItsMakersByAGrantThatCanGo() {
    GoogleSite bed = new GoogleSite();
    try (Site site = bed.site) {
      String name = GoogleSite.PROJECT + "/models/new";
      site.grant(site.admin(), GoogleSite.PROJECT, GoogleSite.set(MAKER, "ml.models.create"));
      create(site, MAKER, name);
      site.assertAllowed(MAKER, name, ALL);
      site.assertAllowed(MAKER, name, GoogleSite.FOURTEEN);
      site.assertChecks("NO_GRANT", PEER, name, ALL);
      assertEquals(List.of("ml.modelOwner"), site.roles(name, MAKER));
      site.revoke(site.as(Site.ADMIN), name, MAKER);
      site.assertChecks("ACCESS", MAKER, name, ALL);
    }
  }

  private static void create(Site site, String actor, String name) {
    site.as(actor).createResource(CreateResourceRequest.newBuilder().setName(name).build());
  }
}
