package dev.modelgate.app.query;

import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A type right as administrators see it.
 *
 * @param principal whose
 * @param kind for which kind
 * @param permissions sorted by name; empty for a ceiling that lets nothing through
 * @param depth how far it reaches when it allows
 * @param effects what it does
 * @param grantedBy who gave it: a principal, or {@code systemAdministrator}
 */
public record TypeRightView(
    String principal,
    String kind,
    List<String> permissions,
    Depth depth,
    Set<Effect> effects,
    String grantedBy,
    Instant grantedAt) {
  /** By depth and effects, which tell the rights of one principal for one kind apart. */
  static final Comparator<TypeRightView> ORDER =
      Comparator.comparing(TypeRightView::depth)
          .thenComparing(view -> view.effects().stream().sorted().toList().toString());

  /** Copies the collections. */
  public TypeRightView {
    permissions = List.copyOf(permissions);
    effects = Set.copyOf(effects);
  }
}
