package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Flag;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceRow.Attributes;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who may write what about a resource. The unit decides whose type rights reach it and a state flag
 * opens gates, so writing them is a grant in disguise and takes more than the right to edit (hazard
 * 31).
 */
final class AttributeRules {
  private final Draft draft;
  private final Rights rights;
  private final ResourceName name;
  private final Kind kind;

  AttributeRules(Draft draft, Rights rights, ResourceName name, Kind kind) {
    this.draft = draft;
    this.rights = rights;
    this.name = name;
    this.kind = kind;
  }

  /**
   * Refuses attributes that the profile does not declare for the kind, and to start with flags or
   * in a foreign unit without being an administrator.
   *
   * @param ownUnit the unit that needs no right
   */
  void requireMayCreate(Attributes attributes, UnitName ownUnit) {
    requireType(attributes.type());
    requireFlags(attributes.flags());
    if (!attributes.flags().isEmpty() || !attributes.unit().equals(ownUnit)) {
      rights.requireAdministrator();
    }
  }

  /** What a command makes of the attributes; refuses what the requester may not write. */
  Attributes updated(Attributes old, Command.UpdateResource command) {
    Attributes fresh =
        new Attributes(
            command.displayName().orElse(old.displayName()),
            command.labels().orElse(old.labels()),
            old.type(),
            command.unit().orElse(old.unit()),
            command.flags().orElse(old.flags()));
    requireFlags(added(old, fresh));
    boolean only = command.displayName().isEmpty() && command.labels().isEmpty();
    if (!only || command.unit().isEmpty() && command.flags().isEmpty()) {
      rights.require(name, Operation.UPDATE);
    }
    if (!fresh.unit().equals(old.unit())) {
      rights.require(name, Operation.TRANSFER);
      new Cap(draft, rights).requireMayMove(name, kind);
    }
    for (String changed : difference(old.flags(), fresh.flags())) {
      Optional<Flag> flag = draft.profile().states().flag(changed);
      rights.requireAll(name, flag.map(Flag::needs).orElse(0L));
    }
    return fresh;
  }

  /**
   * What an import makes of the attributes: all is as it says, but the type, which is fixed at
   * creation, is kept where it says nothing.
   */
  Attributes brought(Attributes attributes) {
    Optional<Attributes> old =
        draft.rows().resource(name.relativePath()).map(ResourceRow::attributes);
    if (old.isEmpty()) {
      requireType(attributes.type());
      requireFlags(attributes.flags());
      return attributes;
    }
    String type = old.get().type();
    if (!attributes.type().isEmpty() && !attributes.type().equals(type)) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "type",
              attributes.type(),
              "`" + type + "`, which is fixed at creation")
          .asException();
    }
    requireFlags(added(old.get(), attributes));
    return new Attributes(
        attributes.displayName(), attributes.labels(), type, attributes.unit(), attributes.flags());
  }

  /** Refuses a type that the kind does not have. */
  private void requireType(String type) {
    boolean typed = type.isEmpty() || kind.types().isEmpty();
    if (!typed && !kind.types().contains(type)) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "type",
              type,
              "one of " + kind.types().stream().sorted().toList())
          .asException();
    }
  }

  /** Refuses a flag that the kind does not have; one that it had under an older profile stays. */
  private void requireFlags(Set<String> flags) {
    for (String flag : new TreeSet<>(flags)) {
      Optional<Flag> declared = draft.profile().states().flag(flag);
      if (declared.filter(f -> f.kinds().contains(kind.name())).isEmpty()) {
        throw Refusal.ofField(
                Fault.INVALID_FIELD, "flags", flag, "a state flag of the kind " + kind.name())
            .asException();
      }
    }
  }

  private static Set<String> added(Attributes old, Attributes fresh) {
    Set<String> added = new TreeSet<>(fresh.flags());
    added.removeAll(old.flags());
    return added;
  }

  private static Set<String> difference(Set<String> one, Set<String> other) {
    Set<String> changed = new TreeSet<>();
    one.stream().filter(flag -> !other.contains(flag)).forEach(changed::add);
    other.stream().filter(flag -> !one.contains(flag)).forEach(changed::add);
    return changed;
  }
}
