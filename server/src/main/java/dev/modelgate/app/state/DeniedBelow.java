package dev.modelgate.app.state;

import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.ResourceUidRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What deny rules take from a caller below a resource. Who is denied something on one model, and
 * could give it away on the environment around, would give more than he has (hazards 16, 29).
 *
 * <p>Errs towards denial: conditions count against the caller, and a rule on one resource takes
 * from its kind, and those that can live in it, everywhere below.
 */
final class DeniedBelow {
  private final OrgContext context;
  private final OrgRows rows;

  DeniedBelow(OrgContext context, OrgRows rows) {
    this.context = context;
    this.rows = rows;
  }

  /**
   * The masks by the names of the kinds; none where nothing is denied.
   *
   * @param accounts the caller and every set that it is in
   */
  Map<String, Long> of(List<Uid> accounts, ResourceName resource) {
    Map<String, Long> denied = new HashMap<>();
    context
        .denyRules()
        .forEach(
            (scope, rules) -> {
              long mask = mask(accounts, rules);
              if (mask != 0) {
                below(resource, scope)
                    .ifPresent(
                        name ->
                            kindsWithin(name).forEach(k -> denied.merge(k, mask, DeniedBelow::or)));
              }
            });
    return denied;
  }

  private static long mask(List<Uid> accounts, List<DenyRuleRow> rules) {
    long mask = 0;
    for (DenyRuleRow rule : rules) {
      boolean named = rule.principals().stream().anyMatch(accounts::contains);
      boolean excepted = rule.exceptions().stream().anyMatch(accounts::contains);
      mask |= named && !excepted ? rule.mask() : 0;
    }
    return mask;
  }

  private static long or(long one, long other) {
    return one | other;
  }

  /** The name of a scope that is there and lies below the resource. */
  private Optional<ResourceName> below(ResourceName resource, Uid scope) {
    return rows.resourcePath(scope)
        .filter(row -> !row.isDeleted() && !row.path().isEmpty())
        .map(ResourceUidRow::path)
        .map(path -> ResourceName.parse(resource.ancestor(0) + "/" + path))
        .filter(
            name ->
                name.depth() > resource.depth()
                    && name.ancestor(resource.depth() - 1).equals(resource));
  }

  private List<String> kindsWithin(ResourceName scope) {
    Optional<Kind> kind = context.profile().kindOf(scope);
    List<Kind> kinds =
        kind.isPresent() ? context.profile().kindsWithin(kind.get()) : context.profile().kinds();
    return kinds.stream().map(Kind::name).toList();
  }
}
