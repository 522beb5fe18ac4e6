package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import java.util.List;
import java.util.Optional;

/**
 * Reads deny rules. Thread-safe; blocks for reads. Those on deleted resources are not shown, though
 * their rows wait for the sweeper.
 */
public final class DenyRules {
  private static final byte[] EMPTY = {};

  private final Reader reader;

  DenyRules(Reader reader) {
    this.reader = reader;
  }

  /**
   * Deny rules by id, for whoever may read the grants on the organization.
   *
   * @param scope only those that stand on this resource itself; empty for all
   * @param principal only those that name this one, as denied or excepted; empty for all
   * @throws RefusedException NOT_FOUND, NOT_PERMITTED, PAGE_TOKEN_INVALID, ON_BEHALF_OF_INVALID
   */
  public Page<DenyRuleView> list(
      String organizationId,
      Optional<ResourceName> scope,
      Optional<PrincipalName> principal,
      Requester requester,
      PageRequest page) {
    return reader.read(
        organizationId,
        requester,
        reading -> {
          reading.require(ResourceName.ofOrganization(organizationId), Operation.READ_GRANTS);
          return page(reading, scope, principal, page);
        });
  }

  private static Page<DenyRuleView> page(
      Reading reading,
      Optional<ResourceName> scope,
      Optional<PrincipalName> principal,
      PageRequest page) {
    PageScope pages =
        PageScope.of(
            reading.org(),
            "ListDenyRules",
            List.of(
                scope.map(ResourceName::text).orElse(""),
                principal.map(PrincipalName::toString).orElse("")));
    byte[] from =
        pages.position(page.token(), at -> DenyRuleRow.key(at.text() + "\0")).orElse(EMPTY);
    Walk<DenyRuleView> walk = new Walk<>(pages, page);
    reading
        .rows()
        .each(
            Table.DENY_RULES,
            EMPTY,
            from,
            (key, value) -> DenyRuleRow.decode(value),
            row -> {
              DenyRuleView rule = reading.views().denyRule(row);
              boolean shown =
                  !reading.names().resource(row.scope()).isDeleted()
                      && scope.filter(name -> !name.equals(rule.scope())).isEmpty()
                      && principal.filter(name -> !names(rule, name.toString())).isEmpty();
              return walk.offer(new ByteWriter(64).text(row.id()), shown, () -> rule);
            });
    return walk.page();
  }

  private static boolean names(DenyRuleView rule, String principal) {
    return rule.principals().contains(principal) || rule.exceptions().contains(principal);
  }
}
