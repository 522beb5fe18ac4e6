package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.ResourceRow;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Part of an import: every item by the rules of the single command, with the number of the item in
 * an error. Uids, origin and giver of the file are ignored (hazard 25). No floor is looked at, for
 * an import takes nothing away.
 */
final class ImportRules {
  private final Draft draft;
  private final Rights rights;
  private @Nullable TypeRightRules typeRights;

  ImportRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Applies all items or none. */
  void apply(Command.ImportItems command) {
    rights.requireLastingAdministrator();
    long number = command.firstItem();
    for (Command.ImportItem item : command.items()) {
      try {
        apply(item);
      } catch (RefusedException e) {
        throw numbered(e.refusal(), number).asException();
      }
      number++;
    }
  }

  private void apply(Command.ImportItem item) {
    if (item instanceof Command.ImportPrincipal i) {
      new PrincipalRules(draft, rights)
          .bring(i.principal(), i.state(), i.groupType(), i.displayName(), i.unit());
    } else if (item instanceof Command.ImportDeletedPrincipal i) {
      new PrincipalRules(draft, rights).bury(i.principal());
    } else if (item instanceof Command.ImportMembership i) {
      new MembershipRules(draft, rights).add(i.group(), i.member());
    } else if (item instanceof Command.ImportResource i) {
      resource(i);
    } else if (item instanceof Command.ImportGrant i) {
      if (i.change().expiresAtMicros() <= draft.atMicros()) {
        return;
      }
      draft.requireOwn(i.resource());
      ResourceRow row = ResourceRules.require(draft, rights, i.resource());
      Kind kind = ResourceRules.kindOf(draft, i.resource());
      new GrantRules(draft, rights, GrantRules.Manner.FILE)
          .apply(i.resource(), kind, row.uid(), i.change(), Grant.Origin.DIRECT);
    } else if (item instanceof Command.ImportTypeRight i) {
      typeRights().merge(i.change());
    } else if (item instanceof Command.ImportExternalLink i) {
      if (i.link().expiresAtMicros().orElse(Micros.NEVER) > draft.atMicros()) {
        new LinkRules(draft, rights).put(i.link());
      }
    } else if (item instanceof Command.ImportDenyRule i) {
      new DenyRuleRules(draft, rights).put(i.rule());
    } else if (item instanceof Command.ImportSettings i) {
      new OrganizationRules(draft, rights).bring(i.features());
    } else if (item instanceof Command.ImportSuspension i) {
      suspension(i);
    }
  }

  /** One for all items, for it counts the rows that there are. */
  private TypeRightRules typeRights() {
    TypeRightRules rules = typeRights;
    if (rules == null) {
      rules = new TypeRightRules(draft, rights);
      typeRights = rules;
    }
    return rules;
  }

  private void resource(Command.ImportResource item) {
    draft.requireOwn(item.name());
    ResourceRules rules = new ResourceRules(draft, rights);
    Kind kind = ResourceRules.kindOf(draft, item.name());
    rules.requireParent(item.name());
    rules.put(
        item.name(),
        new AttributeRules(draft, rights, item.name(), kind).brought(item.attributes()));
  }

  private void suspension(Command.ImportSuspension item) {
    SuspensionRules rules = new SuspensionRules(draft, rights, item.reason());
    item.principal().ifPresent(name -> rules.suspend(new Command.SuspendPrincipal(name, true)));
    item.resource().ifPresent(name -> rules.suspend(new Command.SuspendResource(name, true)));
    if (item.principal().isEmpty() == item.resource().isEmpty()) {
      throw Refusal.of(Fault.INVALID_FIELD, "suspension: one of principal and resource is needed")
          .asException();
    }
  }

  private static Refusal numbered(Refusal refusal, long number) {
    Map<String, String> metadata = new HashMap<>(refusal.metadata());
    metadata.put("item", Long.toString(number));
    return new Refusal(
        refusal.fault(), "item " + number + ": " + refusal.message(), refusal.field(), metadata);
  }
}
