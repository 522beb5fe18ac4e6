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

/** What records of an import say, read straight from them: the world of the reference evaluator. */
final class RecordedWorld implements ReferenceWorld {
  private static final Profile PROFILE = profile(BuiltInProfiles.DEFAULT);

  private final Map<PrincipalName, Account> accounts = new HashMap<>();
  private final Map<PrincipalName, Set<PrincipalName>> groupsOf = new HashMap<>();
  private final Set<ResourceName> resources = new HashSet<>();
  private final Map<ResourceName, Map<PrincipalName, List<PlainGrant>>> grants = new HashMap<>();
  private final Set<PrincipalName> suspendedPrincipals = new HashSet<>();
  private final Set<ResourceName> suspendedResources = new HashSet<>();

  private final String organization;

  /** Reads them; names of resources are below the organization. */
  RecordedWorld(String organization, List<ImportRecord> records) {
    this.organization = organization;
    resources.add(full(""));
    records.forEach(this::add);
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
    return suspendedResources.contains(resource);
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return resources.contains(resource);
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    return grants.getOrDefault(resource, Map.of()).getOrDefault(principal, List.of());
  }

  private static Profile profile(String name) {
    ProfileDocument document = BuiltInProfiles.find(name).orElseThrow();
    return document.compile(document.extended(Vocabulary.EMPTY));
  }

  private void add(ImportRecord record) {
    switch (record.getRecordCase()) {
      case PRINCIPAL ->
          accounts.put(
              PrincipalName.parse(record.getPrincipal().getPrincipal()),
              record.getPrincipal().getState() == Principal.State.STATE_DISABLED
                  ? Account.DISABLED
                  : Account.ACTIVE);
      case MEMBERSHIP ->
          groupsOf
              .computeIfAbsent(
                  PrincipalName.parse(record.getMembership().getMember()), m -> new HashSet<>())
              .add(PrincipalName.parse(record.getMembership().getGroup()));
      case RESOURCE -> resources.add(full(record.getResource().getName()));
      case GRANT -> add(record.getGrant());
      case SUSPENSION -> {
        if (record.getSuspension().hasPrincipal()) {
          suspendedPrincipals.add(PrincipalName.parse(record.getSuspension().getPrincipal()));
        } else {
          suspendedResources.add(full(record.getSuspension().getResource()));
        }
      }
      default -> throw new IllegalArgumentException("no such record: " + record);
    }
  }

  private void add(ImportGrant grant) {
    grants
        .computeIfAbsent(full(grant.getResource()), r -> new HashMap<>())
        .computeIfAbsent(PrincipalName.parse(grant.getPrincipal()), p -> new ArrayList<>(1))
        .add(
            new PlainGrant(
                grant.getRole(),
                Set.of(),
                grant.getCanUseData(),
                grant.hasNotBefore() ? micros(grant.getNotBefore()) : 0,
                grant.hasExpiresAt() ? micros(grant.getExpiresAt()) : Micros.NEVER));
  }

  private ResourceName full(String name) {
    return ResourceName.parse(name.isEmpty() ? organization : organization + "/" + name);
  }

  private static long micros(Timestamp time) {
    return time.getSeconds() * 1_000_000;
  }
}
