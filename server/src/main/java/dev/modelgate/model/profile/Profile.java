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
  private final long declared;
  private final Map<String, Verb> verbs;
  private final Map<String, Kind> kindsByName = new HashMap<>();
  private final Map<String, Kind> kindsByCollection = new HashMap<>();
  private final Map<String, Role> rolesByName = new HashMap<>();
  private final List<Optional<Role>> rolesById;
  private final States states;
  private final Set<Effect> effects;
  private final Sharing sharing;
  private final long administration;

  /**
   * What a profile names: permissions, as a mask, actions with the permissions that they need,
   * kinds, roles.
   */
  record Words(long declared, Map<String, Verb> verbs, List<Kind> kinds, List<Role> roles) {}

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

  /** By which rules a profile shares, whatever the kind. */
  record Sharing(Switches switches, Limits limits, GroupRules groups, ConditionRules conditions) {}

  Profile(
      String name,
      Vocabulary vocabulary,
      Words words,
      States states,
      Set<Effect> effects,
      Sharing sharing) {
    this.name = name;
    this.vocabulary = vocabulary;
    this.declared = words.declared();
    this.verbs = Map.copyOf(words.verbs());
    this.states = states;
    this.effects = Set.copyOf(effects);
    this.sharing = sharing;
    for (Kind kind : words.kinds()) {
      kindsByName.put(kind.name(), kind);
      kindsByCollection.put(kind.collection(), kind);
    }
    for (Role role : words.roles()) {
      rolesByName.put(role.name(), role);
    }
    this.rolesById = byId(words.roles());
    this.administration = administration(words);
  }

  private static List<Optional<Role>> byId(List<Role> roles) {
    List<Optional<Role>> byId = new ArrayList<>();
    for (Role role : roles) {
      while (byId.size() <= role.id()) {
        byId.add(Optional.empty());
      }
      byId.set(role.id(), Optional.of(role));
    }
    return List.copyOf(byId);
  }

  private long administration(Words words) {
    long mask = permission(switches().administers()).orElse(0);
    for (Kind kind : words.kinds()) {
      for (Operation operation : Operation.values()) {
        mask |= operation.administers() ? kind.right(operation) : 0;
      }
    }
    return mask;
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
    return sharing.switches();
  }

  /**
   * The permissions by which somebody decides what others may do: to share, to hand over, to write
   * type rights, to break glass, and to administer the organization; on whatever kind.
   */
  public long administration() {
    return administration;
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
    return sharing.limits();
  }

  /** What groups of which subtype can do. */
  public GroupRules groups() {
    return sharing.groups();
  }

  /** Which grants take no condition and no time. */
  public ConditionRules conditions() {
    return sharing.conditions();
  }

  /** What an action needs; empty for an action that the profile does not know. */
  public Optional<Verb> action(String action) {
    return Optional.ofNullable(verbs.get(action));
  }

  /** Every action with what it needs. */
  public Map<String, Verb> verbs() {
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

  /** Whether a grant on a resource of one kind reaches every resource of another one below it. */
  public boolean reaches(Kind top, Kind below) {
    List<Kind> within = kindsWithin(top);
    for (Kind kind : within) {
      boolean between = kindsWithin(kind).contains(below);
      boolean nested =
          !kind.equals(top)
              || within.stream().anyMatch(parent -> kind.parents().contains(parent.name()));
      if (between && nested && !kind.inherits()) {
        return false;
      }
    }
    return true;
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
    return id >= 0 && id < rolesById.size() ? rolesById.get(id) : Optional.empty();
  }

  /** All roles, in no order. */
  public List<Role> roles() {
    return List.copyOf(rolesByName.values());
  }

  /**
   * The role that makes an owner of a resource of that kind: of the owner roles that can be granted
   * on it the one with the highest rank; empty when nobody owns such a resource.
   */
  public Optional<Role> ownerRole(Kind kind) {
    Optional<Role> best = Optional.empty();
    for (Role role : rolesByName.values()) {
      boolean owns = kind.sharing().owned() && role.owner() && kind.sharing().offers(role.name());
      if (owns && (best.isEmpty() || role.rank() > best.get().rank())) {
        best = Optional.of(role);
      }
    }
    return best;
  }

  /** The mask of all permissions. */
  public long declared() {
    return declared;
  }

  /** The bit of a permission; empty when the profile does not declare it. */
  public OptionalLong permission(String permission) {
    int bit = vocabulary.permissions().indexOf(permission);
    return bit < 0 || (declared >>> bit & 1) == 0
        ? OptionalLong.empty()
        : OptionalLong.of(1L << bit);
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
