package dev.modelgate.rows;

import dev.modelgate.grpc.Site;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange;
import java.util.List;

/**
 * An organization under {@code ai-builder} with the environment {@link #PROD} and one user per
 * security role. Nobody but {@link Site#ADMIN}, who owns the environment, has anything by a grant.
 */
final class AiBuilderSite {
  static final String PROD = Site.ACME + "/environments/prod";
  static final String MODEL = PROD + "/models/fraud";
  static final String VERSION = MODEL + "/versions/1";
  static final String DATA = PROD + "/datasets/training";
  static final String APP = PROD + "/applications/claims";
  static final String TABLE = PROD + "/tables/results";

  /** Environment Makers. */
  static final String MAKER = "user:maker@acme.com";

  static final String OTHER_MAKER = "user:other@acme.com";

  /** A Basic User. */
  static final String BASIC = "user:basic@acme.com";

  /** A System Customizer. */
  static final String CUSTOMIZER = "user:customizer@acme.com";

  /** A System Administrator. */
  static final String ADMIN = "user:it@acme.com";

  /** A user of the organization without any security role. */
  static final String NOBODY = "user:nobody@acme.com";

  /** Every permission that a model has. */
  static final String[] EVERYTHING = {
    "list",
    "get_use",
    "get_detail",
    "predict",
    "write",
    "append",
    "append_to",
    "retrain",
    "publish",
    "delete",
    "share",
    "assign",
    "data.read",
    "get",
    "get_for_use",
    "edit",
    "use"
  };

  /** The tables of AI Builder: without a privilege on them nothing works. */
  private static final List<String> AI_TABLES =
      List.of("model", "version", "dataset", "feedback_loop", "ai_event");

  private static final List<String> USER_TABLES = List.of("table", "application", "flow");

  final Site site = new Site("ai-builder");

  AiBuilderSite() {
    site.principals(MAKER, OTHER_MAKER, BASIC, CUSTOMIZER, ADMIN, NOBODY);
    site.resource(PROD, Site.ADMIN);
    role(MAKER, "environment_maker", Depth.DEPTH_OWN);
    role(OTHER_MAKER, "environment_maker", Depth.DEPTH_OWN);
    role(BASIC, "basic_user", Depth.DEPTH_OWN);
    role(CUSTOMIZER, "system_customizer", Depth.DEPTH_ORGANIZATION);
    role(ADMIN, "system_administrator", Depth.DEPTH_ORGANIZATION);
  }

  /**
   * Gives a built-in security role: the privilege and the access of that depth on the tables of AI
   * Builder; what it says about the environment, which has no privileges, holds everywhere.
   */
  void role(String holder, String role, Depth depth) {
    for (String kind : AI_TABLES) {
      site.right(holder, kind, role, depth, Effect.EFFECT_REQUIRES, Effect.EFFECT_ALLOWS);
    }
    site.right(holder, "environment", role, Depth.DEPTH_ORGANIZATION, Effect.EFFECT_ALLOWS);
    if (role.startsWith("system_")) {
      for (String kind : USER_TABLES) {
        site.right(holder, kind, role, depth, Effect.EFFECT_ALLOWS);
      }
    }
    if (role.equals("system_administrator")) {
      site.right(holder, "organization", role, depth, Effect.EFFECT_ALLOWS);
    }
  }

  /** Makes what somebody has on a table by his custom security role exactly this. */
  void custom(String holder, String kind, Depth depth, String... permissions) {
    TypeRightChange.Builder change =
        TypeRightChange.newBuilder()
            .setMode(TypeRightChange.Mode.MODE_SET)
            .setPrincipal(holder)
            .setKind(kind)
            .setPermissions(Permissions.newBuilder().addAllPermissions(List.of(permissions)))
            .setDepth(depth)
            .addEffects(Effect.EFFECT_ALLOWS);
    site.rights(AI_TABLES.contains(kind) ? change.addEffects(Effect.EFFECT_REQUIRES) : change);
  }

  /** Makes a user in a business unit. */
  void user(String name, String unit) {
    site.put(name, (PutPrincipalRequest.Builder request) -> request.setUnit(unit));
  }

  /** Registers a model without a type, whose publication the platform has reported. */
  void published(String name, String owner) {
    site.resource(name, owner, request -> request.addFlags("published"));
  }

  /** Registers a model of that type with these flags. */
  void model(String name, String owner, String type, String... flags) {
    site.resource(name, owner, request -> request.setType(type).addAllFlags(List.of(flags)));
  }
}
