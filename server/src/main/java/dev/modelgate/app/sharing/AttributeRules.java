package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Flag;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
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
    requireDeclared(attributes);
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
    requireDeclared(fresh);
    boolean only = command.displayName().isEmpty() && command.labels().isEmpty();
    if (!only || command.unit().isEmpty() && command.flags().isEmpty()) {
      rights.require(name, Operation.UPDATE);
    }
    if (!fresh.unit().equals(old.unit())) {
      rights.require(name, Operation.TRANSFER);
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
    String old =
        draft.rows().resource(name.relativePath()).map(row -> row.attributes().type()).orElse("");
    boolean fresh = draft.rows().resource(name.relativePath()).isEmpty();
    if (!fresh && !attributes.type().isEmpty() && !attributes.type().equals(old)) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "type",
              attributes.type(),
              "`" + old + "`, which is fixed at creation")
          .asException();
    }
    Attributes whole =
        new Attributes(
            attributes.displayName(),
            attributes.labels(),
            fresh ? attributes.type() : old,
            attributes.unit(),
            attributes.flags());
    requireDeclared(whole);
    return whole;
  }

  /** Refuses a type or a flag that the kind does not have. */
  void requireDeclared(Attributes attributes) {
    boolean typed = attributes.type().isEmpty() || kind.types().isEmpty();
    if (!typed && !kind.types().contains(attributes.type())) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "type",
              attributes.type(),
              "one of " + kind.types().stream().sorted().toList())
          .asException();
    }
    for (String flag : new TreeSet<>(attributes.flags())) {
      Optional<Flag> declared = draft.profile().states().flag(flag);
      if (declared.filter(f -> f.kinds().contains(kind.name())).isEmpty()) {
        throw Refusal.ofField(
                Fault.INVALID_FIELD, "flags", flag, "a state flag of the kind " + kind.name())
            .asException();
      }
    }
  }

  private static Set<String> difference(Set<String> one, Set<String> other) {
    Set<String> changed = new TreeSet<>();
    one.stream().filter(flag -> !other.contains(flag)).forEach(changed::add);
    other.stream().filter(flag -> !one.contains(flag)).forEach(changed::add);
    return changed;
  }
}
