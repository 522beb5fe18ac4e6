package dev.modelgate.app.query;

import dev.modelgate.app.state.OrgContext;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An organization as if it had but one type right or deny rule: what gathering then finds is what
 * that one comes to for a caller and a resource, by the rules of gathering itself.
 */
final class OneRule implements OrgContext {
  private final OrgContext all;
  private final Optional<TypeRightRow> right;
  private final Optional<DenyRuleRow> rule;

  private OneRule(OrgContext all, Optional<TypeRightRow> right, Optional<DenyRuleRow> rule) {
    this.all = all;
    this.right = right;
    this.rule = rule;
  }

  static OneRule right(OrgContext all, TypeRightRow row, TypeRightRow.Right right) {
    var alone = new TypeRightRow(row.principal(), row.kind(), List.of(right));
    return new OneRule(all, Optional.of(alone), Optional.empty());
  }

  static OneRule rule(OrgContext all, DenyRuleRow rule) {
    return new OneRule(all, Optional.empty(), Optional.of(rule));
  }

  @Override
  public Profile profile() {
    return all.profile();
  }

  @Override
  public boolean isPrincipalSuspended(Uid principal) {
    return all.isPrincipalSuspended(principal);
  }

  @Override
  public boolean isResourceSuspended(Uid resource) {
    return all.isResourceSuspended(resource);
  }

  @Override
  public boolean isInactiveGroup(Uid group) {
    return all.isInactiveGroup(group);
  }

  @Override
  public Optional<TypeRightRow> typeRights(Uid principal, String kind) {
    return right.filter(row -> row.principal().equals(principal) && row.kind().equals(kind));
  }

  @Override
  public List<DenyRuleRow> denyRules(Uid scope) {
    return rule.filter(row -> row.scope().equals(scope)).map(List::of).orElse(List.of());
  }

  @Override
  public Map<Uid, List<DenyRuleRow>> denyRules() {
    return rule.map(row -> Map.of(row.scope(), List.of(row))).orElse(Map.of());
  }

  @Override
  public Set<String> featuresOff() {
    return all.featuresOff();
  }
}
