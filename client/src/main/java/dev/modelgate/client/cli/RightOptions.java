package dev.modelgate.client.cli;

import dev.modelgate.v1.TypeRight;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which type right of a principal: its kind, depth and effects. */
final class RightOptions {
  @Option(
      names = "--principal",
      required = true,
      paramLabel = "PRINCIPAL",
      description = "Whose, such as group:risk; organizations' members as organization:ID.")
  private String principal = "";

  @Option(
      names = "--kind",
      required = true,
      paramLabel = "KIND",
      description = "For which kind of resources, such as model.")
  private String kind = "";

  @Option(
      names = "--depth",
      paramLabel = "DEPTH",
      description =
          "How far a right that allows reaches: ${COMPLETION-CANDIDATES}. Needed with allows, and"
              + " only there.")
  private @Nullable Depth depth;

  @Option(
      names = "--effect",
      paramLabel = "EFFECT",
      description = "What it does: ${COMPLETION-CANDIDATES}; may be repeated.")
  private List<Effect> effects = List.of();

  /** The depths, as people write them. */
  enum Depth {
    OWN(TypeRight.Depth.DEPTH_OWN),
    UNIT(TypeRight.Depth.DEPTH_UNIT),
    SUBTREE(TypeRight.Depth.DEPTH_SUBTREE),
    ORGANIZATION(TypeRight.Depth.DEPTH_ORGANIZATION);

    private final TypeRight.Depth wire;

    Depth(TypeRight.Depth wire) {
      this.wire = wire;
    }
  }

  /** The effects, as people write them. */
  enum Effect {
    REQUIRES(TypeRight.Effect.EFFECT_REQUIRES),
    ALLOWS(TypeRight.Effect.EFFECT_ALLOWS),
    BOUNDS(TypeRight.Effect.EFFECT_BOUNDS);

    private final TypeRight.Effect wire;

    Effect(TypeRight.Effect wire) {
      this.wire = wire;
    }
  }

  String principal() {
    return principal;
  }

  String kind() {
    return kind;
  }

  TypeRight.Depth depth() {
    return depth == null ? TypeRight.Depth.DEPTH_UNSPECIFIED : depth.wire;
  }

  List<TypeRight.Effect> effects() {
    return effects.stream().map(effect -> effect.wire).toList();
  }
}
