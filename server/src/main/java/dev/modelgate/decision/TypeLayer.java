package dev.modelgate.decision;

import dev.modelgate.model.profile.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What holds for the caller beside grants: type rights, deny rules and states.
 *
 * @param masks what type rights come to, by the names of the kinds that were asked for
 * @param denials the deny rules that name the caller here
 * @param gates the gates that are closed along the path, in the order of the profile
 * @param deniedBelow what deny rules take from the caller on some resource below, by the names of
 *     the kinds; known only to somebody who wants to share
 */
public record TypeLayer(
    Map<String, Masks> masks,
    List<Denial> denials,
    List<ClosedGate> gates,
    Map<String, Long> deniedBelow) {
  /** Nothing beside grants. */
  public static final TypeLayer NONE = new TypeLayer(Map.of(), List.of(), List.of(), Map.of());

  /** Copies the collections. */
  public TypeLayer {
    masks = Map.copyOf(masks);
    denials = List.copyOf(denials);
    gates = List.copyOf(gates);
    deniedBelow = Map.copyOf(deniedBelow);
  }

  /** The same with what deny rules take below. */
  public TypeLayer withDeniedBelow(Map<String, Long> masksByKind) {
    return masksByKind.isEmpty() ? this : new TypeLayer(masks, denials, gates, masksByKind);
  }

  /** The same with nothing added: it bounds as before. */
  public TypeLayer withoutAllowed() {
    Map<String, Masks> bounding = new HashMap<>();
    masks.forEach(
        (kind, mask) -> bounding.put(kind, new Masks(mask.privileges(), mask.ceiling(), 0, 0)));
    return new TypeLayer(bounding, denials, gates, deniedBelow);
  }

  /** What type rights come to on a resource of that kind. */
  public Masks on(Kind kind) {
    Masks found = masks.get(kind.name());
    return found == null ? Masks.FREE : found;
  }

  /**
   * Everything that a deny rule takes or might take on some resource of that kind, at or below the
   * resource of the facts.
   */
  public long deniedAtMost(Kind kind) {
    long mask = deniedBelow.getOrDefault(kind.name(), 0L);
    for (Denial denial : denials) {
      mask |= denial.mask();
    }
    return mask;
  }

  /**
   * What type rights come to.
   *
   * @param privileges what the privileges let through; all bits where none are required
   * @param ceiling what the ceilings let through; all bits where nothing bounds
   * @param allowed what they add
   * @param shareable what of that may be given on: that of rights that carry the right to share
   *     themselves (hazard 29)
   */
  public record Masks(long privileges, long ceiling, long allowed, long shareable) {
    /** Nothing is required, bounded or added. */
    public static final Masks FREE = new Masks(~0L, ~0L, 0, 0);

    /** What of a mask they let through. */
    public long bound(long mask) {
      return mask & privileges & ceiling;
    }
  }

  /**
   * A deny rule that names the caller.
   *
   * @param mask what it denies
   * @param condition under which it does; empty for always
   */
  public record Denial(long mask, String condition) {}

  /**
   * A closed gate.
   *
   * @param level where the resource stands whose state closes it: the index into the kinds of the
   *     path
   * @param reason what a denial says
   * @param mask what it closes
   * @param unless the permissions whose holders, of any, pass
   * @param exemptsOwner whether owners of that resource pass
   */
  public record ClosedGate(
      int level, String reason, long mask, long unless, boolean exemptsOwner) {}
}
