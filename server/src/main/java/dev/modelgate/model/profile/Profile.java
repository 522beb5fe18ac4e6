package dev.modelgate.model.profile;

import dev.modelgate.model.ResourceName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A profile, compiled against the vocabulary of one organization: every permission is a bit, every
 * role has its number.
 *
 * <p>Invariant: whatever it is asked for by name either is declared in the document or answers
 * empty; names that only the vocabulary knows (of an older profile version) mean nothing.
 */
public final class Profile {
  private final String name;
  private final Vocabulary vocabulary;
  private final Map<String, Long> verbs;
  private final Map<String, Kind> kindsByName = new HashMap<>();
  private final Map<String, Kind> kindsByCollection = new HashMap<>();
  private final Map<String, Role> rolesByName = new HashMap<>();
  private final Map<Integer, Role> rolesById = new HashMap<>();
  private final States states;
  private final Set<Effect> effects;
  private final Limits limits;
  private final Switches switches;

  /** What a profile names: actions with the permissions that they need, kinds, roles. */
  record Words(Map<String, Long> verbs, List<Kind> kinds, List<Role> roles) {}

  /**
   * What a profile says about states.
   *
   * @param features each with whether it is on where an organization says nothing
   * @param flags the state flags of resources
   * @param gates in the order in which a denial looks for its reason
   */
  public record States(Map<String, Boolean> features, List<Flag> flags, List<Gate> gates) {
    /** Copies the collections. */
    public States {
      features = Map.copyOf(features);
      flags = List.copyOf(flags);
      gates = List.copyOf(gates);
    }

    /** The flag with that name. */
    public Optional<Flag> flag(String flagName) {
      return flags.stream().filter(flag -> flag.name().equals(flagName)).findFirst();
    }
  }

  Profile(
      String name,
      Vocabulary vocabulary,
      Words words,
      States states,
      Set<Effect> effects,
      Limits limits,
      Switches switches) {
    this.name = name;
    this.vocabulary = vocabulary;
    this.verbs = Map.copyOf(words.verbs());
    this.states = states;
    this.effects = Set.copyOf(effects);
    this.limits = limits;
    this.switches = switches;
    for (Kind kind : words.kinds()) {
      kindsByName.put(kind.name(), kind);
      kindsByCollection.put(kind.collection(), kind);
    }
    for (Role role : words.roles()) {
      rolesByName.put(role.name(), role);
      rolesById.put(role.id(), role);
    }
  }

  /** The name that the document gives itself. */
  public String name() {
    return name;
  }

  /** The numbers that this profile was compiled against. */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** How this system shares. */
  public Switches switches() {
    return switches;
  }

  /** Features, flags and gates. */
  public States states() {
    return states;
  }

  /** What type rights may do. */
  public Set<Effect> effects() {
    return effects;
  }

  /** How much is taken at once. */
  public Limits limits() {
    return limits;
  }

  /**
   * The mask of permissions that an action needs, all of them; empty for an action that the profile
   * does not know.
   */
  public OptionalLong verb(String action) {
    Long mask = verbs.get(action);
    return mask == null ? OptionalLong.empty() : OptionalLong.of(mask);
  }

  /** Every action with its mask. */
  public Map<String, Long> verbs() {
    return verbs;
  }

  /**
   * The kind of the resource with that name; empty when a level's collection or its place is not
   * declared.
   */
  public Optional<Kind> kindOf(ResourceName resource) {
    return kindAt(resource, resource.depth() - 1);
  }

  /** The kind of the ancestor at that level, 0 being the organization. */
  public Optional<Kind> kindAt(ResourceName resource, int level) {
    Kind kind = kindsByCollection.get(resource.collectionAt(level));
    if (kind == null) {
      return Optional.empty();
    }
    if (level == 0) {
      return kind.parents().isEmpty() ? Optional.of(kind) : Optional.empty();
    }
    return kindAt(resource, level - 1)
        .filter(parent -> kind.parents().contains(parent.name()))
        .map(parent -> kind);
  }

  /** The kind with that name. */
  public Optional<Kind> kind(String kindName) {
    return Optional.ofNullable(kindsByName.get(kindName));
  }

  /** All kinds, in no order. */
  public List<Kind> kinds() {
    return List.copyOf(kindsByName.values());
  }

  /** The kinds that can live at or below a resource of that kind, itself included. */
  public List<Kind> kindsWithin(Kind top) {
    List<Kind> within = new ArrayList<>(List.of(top));
    for (int i = 0; i < within.size(); i++) {
      for (Kind kind : kindsByName.values()) {
        if (kind.parents().contains(within.get(i).name()) && !within.contains(kind)) {
          within.add(kind);
        }
      }
    }
    return within;
  }

  /** The role with that name. */
  public Optional<Role> role(String roleName) {
    return Optional.ofNullable(rolesByName.get(roleName));
  }

  /**
   * The role that a stored grant names; empty when the profile no longer declares it, which then
   * gives nothing.
   */
  public Optional<Role> role(int id) {
    return Optional.ofNullable(rolesById.get(id));
  }

  /** All roles, in no order. */
  public List<Role> roles() {
    return List.copyOf(rolesByName.values());
  }

  /** The bit of a permission; empty when the vocabulary lacks it. */
  public OptionalLong permission(String permission) {
    int bit = vocabulary.permissions().indexOf(permission);
    return bit < 0 ? OptionalLong.empty() : OptionalLong.of(1L << bit);
  }

  /** The names behind a mask, in bit order. */
  public List<String> permissionNames(long mask) {
    List<String> names = new ArrayList<>();
    for (int bit = 0; bit < vocabulary.permissions().size(); bit++) {
      if ((mask >>> bit & 1) != 0) {
        names.add(vocabulary.permissions().get(bit));
      }
    }
    return names;
  }
}
