package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Revision;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is kept in memory of one organization at one version: all that every check needs.
 *
 * @param id the organization's id
 * @param uid its identity
 * @param head its version
 * @param revision the revision behind the head
 * @param token the revision as answers carry it, made once
 * @param settings its settings; empty until it is initialized, and for {@code system}
 * @param compiled its compiled profile; present with the settings
 * @param suspensions what is switched off in it, by identity; {@code system} holds suspended
 *     organizations
 * @param inactiveGroups the groups that give their members nothing
 * @param rules what it says beside grants
 * @param restriction why it cannot be read safely, for the log; empty when it can (hazard 12)
 */
public record OrgState(
    String id,
    Uid uid,
    OrgHead head,
    Revision revision,
    String token,
    Optional<SettingsRow> settings,
    Optional<Profile> compiled,
    Map<Suspended, SuspensionRow> suspensions,
    Set<Uid> inactiveGroups,
    OrgRules rules,
    String restriction)
    implements OrgContext {

  /** The identity of something suspended. */
  public record Suspended(SuspensionRow.Target target, Uid uid) {}

  /** Copies the collections. */
  public OrgState {
    suspensions = Map.copyOf(suspensions);
    inactiveGroups = Set.copyOf(inactiveGroups);
  }

  /** What the first rows of an organization will come to, before they have a version. */
  public static OrgState first(String id, OrgHead head, long lineage, OrgRows rows) {
    Revision none = new Revision(lineage, head.org(), head.version());
    return OrgLoader.load(id, head, none, rows, settings -> OrgLoader.compile(rows, settings));
  }

  /**
   * What this will be with changes, still under this revision.
   *
   * @param rows with the changes laid over
   * @throws dev.modelgate.store.UndecodableException when a row is none that this version writes
   */
  public OrgState with(OrgRows rows, List<Mutation> changes) {
    return OrgLoader.touchesMemory(changes)
        ? OrgLoader.load(id, head, revision, rows, settings -> profileAt(rows, settings))
        : this;
  }

  @Override
  public boolean isPrincipalSuspended(Uid principal) {
    return !suspensions.isEmpty()
        && suspensions.containsKey(new Suspended(SuspensionRow.Target.PRINCIPAL, principal));
  }

  @Override
  public boolean isResourceSuspended(Uid resource) {
    return !suspensions.isEmpty()
        && suspensions.containsKey(new Suspended(SuspensionRow.Target.RESOURCE, resource));
  }

  @Override
  public boolean isInactiveGroup(Uid group) {
    return !inactiveGroups.isEmpty() && inactiveGroups.contains(group);
  }

  @Override
  public Optional<TypeRightRow> typeRights(Uid principal, String kind) {
    return rules.typeRights().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(rules.typeRights().get(new OrgRules.TypeKey(principal, kind)));
  }

  @Override
  public List<DenyRuleRow> denyRules(Uid scope) {
    return rules.denyRules().getOrDefault(scope, List.of());
  }

  @Override
  public Map<Uid, List<DenyRuleRow>> denyRules() {
    return rules.denyRules();
  }

  @Override
  public Set<String> featuresOff() {
    return rules.featuresOff();
  }

  /**
   * The profile at a head that may be ahead of this state.
   *
   * @param rows the rows at that head
   * @param head their settings
   */
  public Profile profileAt(OrgRows rows, SettingsRow head) {
    boolean same =
        settings.filter(row -> row.profileVersion() == head.profileVersion()).isPresent();
    return same ? profile() : OrgLoader.compile(rows, head);
  }

  @Override
  public Profile profile() {
    return compiled.orElseThrow(
        () -> new IllegalStateException("organization " + id + " is not initialized"));
  }

  /** Whether nothing may be answered or changed any more. */
  public boolean isRestricted() {
    return !restriction.isEmpty();
  }

  /** Whether its first change set is there. */
  public boolean isInitialized() {
    return settings.isPresent();
  }
}
