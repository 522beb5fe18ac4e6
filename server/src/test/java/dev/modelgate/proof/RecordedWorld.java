package dev.modelgate.proof;

import com.google.protobuf.Timestamp;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What records of an import say, read straight from them: the world of the reference evaluator.
 * What it says never changes. For use by one thread; {@link #watched} gives another one its own.
 */
final class RecordedWorld implements ReferenceWorld {
  private static final Profile PROFILE = profile(BuiltInProfiles.DEFAULT);

  private final String organization;
  private final Consumer<PlainGrant> examined;
  private final Map<PrincipalName, Account> accounts;
  private final Map<PrincipalName, Set<PrincipalName>> groupsOf;
  private final Set<String> resources;
  private final Map<String, Map<PrincipalName, List<PlainGrant>>> grants;
  private final Set<PrincipalName> suspendedPrincipals;
  private final Set<String> suspendedResources;

  /** One object per name, so that names are found by identity: a million questions take a while. */
  private final Map<String, PrincipalName> names;

  private OnResource latest = new OnResource(ResourceName.ofOrganization("none"), Map.of());

  private record OnResource(ResourceName resource, Map<PrincipalName, List<PlainGrant>> held) {}

  /** Reads them; names of resources are below the organization. */
  RecordedWorld(String organization, List<ImportRecord> records) {
    this.organization = organization;
    this.examined = grant -> {};
    this.accounts = new HashMap<>();
    this.groupsOf = new HashMap<>();
    this.resources = new HashSet<>(Set.of(organization));
    this.grants = new HashMap<>();
    this.suspendedPrincipals = new HashSet<>();
    this.suspendedResources = new HashSet<>();
    this.names = new HashMap<>();
    records.forEach(this::add);
  }

  private RecordedWorld(
      RecordedWorld same,
      Map<String, Map<PrincipalName, List<PlainGrant>>> grants,
      Consumer<PlainGrant> examined) {
    this.organization = same.organization;
    this.examined = examined;
    this.accounts = same.accounts;
    this.groupsOf = same.groupsOf;
    this.resources = same.resources;
    this.grants = grants;
    this.suspendedPrincipals = same.suspendedPrincipals;
    this.suspendedResources = same.suspendedResources;
    this.names = same.names;
  }

  /** The same world, at no cost, which tells of each grant that somebody looks at. */
  RecordedWorld watched(Consumer<PlainGrant> watcher) {
    return new RecordedWorld(this, grants, watcher);
  }

  /** The same world without one of the grants that it was made of. */
  RecordedWorld without(ImportGrant grant) {
    String resource = full(grant.getResource());
    PrincipalName principal = PrincipalName.parse(grant.getPrincipal());
    Map<PrincipalName, List<PlainGrant>> held =
        new HashMap<>(grants.getOrDefault(resource, Map.of()));
    List<PlainGrant> left = new ArrayList<>(held.getOrDefault(principal, List.of()));
    if (!left.remove(plain(grant))) {
      throw new IllegalArgumentException("no such grant: " + grant);
    }
    held.put(principal, left);
    Map<String, Map<PrincipalName, List<PlainGrant>>> changed = new HashMap<>(grants);
    changed.put(resource, held);
    return new RecordedWorld(this, changed, examined);
  }

  /** Every action that can be asked for. */
  static List<String> actions() {
    return PROFILE.verbs().keySet().stream().sorted().toList();
  }

  @Override
  public Profile profile() {
    return PROFILE;
  }

  @Override
  public boolean organizationRestricted() {
    return false;
  }

  @Override
  public boolean organizationSuspended() {
    return false;
  }

  @Override
  public Account account(PrincipalName principal) {
    return accounts.getOrDefault(principal, Account.ABSENT);
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    return groupsOf.getOrDefault(member, Set.of());
  }

  @Override
  public boolean groupIsActive(PrincipalName group) {
    return account(group) == Account.ACTIVE;
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    return suspendedPrincipals.contains(principal);
  }

  @Override
  public boolean isSuspended(ResourceName resource) {
    return suspendedResources.contains(resource.text());
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return resources.contains(resource.text());
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    // One resource is asked about for many principals in turn.
    if (!latest.resource().equals(resource)) {
      latest = new OnResource(resource, grants.getOrDefault(resource.text(), Map.of()));
    }
    List<PlainGrant> held = latest.held().getOrDefault(principal, List.of());
    held.forEach(examined);
    return held;
  }

  private static Profile profile(String name) {
    ProfileDocument document = BuiltInProfiles.find(name).orElseThrow();
    return document.compile(document.extended(Vocabulary.EMPTY));
  }

  private void add(ImportRecord record) {
    switch (record.getRecordCase()) {
      case PRINCIPAL ->
          accounts.put(
              name(record.getPrincipal().getPrincipal()),
              record.getPrincipal().getState() == Principal.State.STATE_DISABLED
                  ? Account.DISABLED
                  : Account.ACTIVE);
      case MEMBERSHIP ->
          groupsOf
              .computeIfAbsent(name(record.getMembership().getMember()), m -> new HashSet<>())
              .add(name(record.getMembership().getGroup()));
      case RESOURCE -> resources.add(full(record.getResource().getName()));
      case GRANT ->
          grants
              .computeIfAbsent(full(record.getGrant().getResource()), r -> new HashMap<>())
              .computeIfAbsent(name(record.getGrant().getPrincipal()), p -> new ArrayList<>(1))
              .add(plain(record.getGrant()));
      case SUSPENSION -> {
        if (record.getSuspension().hasPrincipal()) {
          suspendedPrincipals.add(name(record.getSuspension().getPrincipal()));
        } else {
          suspendedResources.add(full(record.getSuspension().getResource()));
        }
      }
      default -> throw new IllegalArgumentException("no such record: " + record);
    }
  }

  private static PlainGrant plain(ImportGrant grant) {
    return new PlainGrant(
        grant.getRole(),
        Set.copyOf(grant.getPermissionsList()),
        grant.getCanUseData(),
        grant.hasNotBefore() ? micros(grant.getNotBefore()) : 0,
        grant.hasExpiresAt() ? micros(grant.getExpiresAt()) : Micros.NEVER);
  }

  private PrincipalName name(String text) {
    return names.computeIfAbsent(text, PrincipalName::parse);
  }

  private String full(String name) {
    return ResourceName.parse(name.isEmpty() ? organization : organization + "/" + name).text();
  }

  private static long micros(Timestamp time) {
    return time.getSeconds() * 1_000_000 + time.getNanos() / 1_000;
  }
}
