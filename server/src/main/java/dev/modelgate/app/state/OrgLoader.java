package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.ProfileException;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.LogIdentity;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Revision;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.OrganizationRow;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes {@link OrgState}s from rows. An organization whose rows cannot be read or understood
 * becomes a restricted one; the others are not hurt. Of {@code system} it has to be readable which
 * organizations are suspended.
 */
final class OrgLoader {
  private static final Logger log = LoggerFactory.getLogger(OrgLoader.class);
  private static final Set<Table> IN_MEMORY =
      EnumSet.of(
          Table.SETTINGS,
          Table.PROFILES,
          Table.SUSPENSIONS,
          Table.INACTIVE_GROUPS,
          Table.TYPE_RIGHTS,
          Table.DENY_RULES,
          Table.LINKS);
  private static final byte[] START = {};

  private final LogIdentity identity;
  private final Map<Uid, String> ids = new HashMap<>();
  private final CompiledProfiles profiles = new CompiledProfiles();

  OrgLoader(LogIdentity identity) {
    this.identity = identity;
    ids.put(Uid.SYSTEM, OrgIndex.SYSTEM_ID);
  }

  /** Loads every organization, and adds to {@code restricted} those that cannot be. */
  OrgIndex loadAll(StoreSnapshot snapshot, Map<Uid, String> restricted) {
    OrgState system = load(OrgIndex.SYSTEM_ID, Uid.SYSTEM, snapshot, restricted);
    List<OrgState> all = new ArrayList<>();
    for (OrganizationRow row : registered(snapshot)) {
      ids.put(row.uid(), row.id());
      all.add(load(row.id(), row.uid(), snapshot, restricted));
    }
    return OrgIndex.of(system).with(all);
  }

  /**
   * The new states of the organizations that changed, and of those that were registered by the
   * changes. One that was not initialized is read whole: what a change set completes may have been
   * loaded before.
   */
  List<OrgState> reload(
      OrgIndex index,
      StoreSnapshot snapshot,
      Map<Uid, List<Mutation>> changes,
      Map<Uid, String> restricted) {
    Set<Uid> changed = new HashSet<>(changes.keySet());
    for (Mutation mutation : changes.getOrDefault(Uid.SYSTEM, List.of())) {
      if (mutation instanceof Mutation.Put put && put.table() == Table.ORGANIZATIONS) {
        OrganizationRow row = OrganizationRow.decode(put.value());
        ids.put(row.uid(), row.id());
        changed.add(row.uid());
      }
    }
    List<OrgState> states = new ArrayList<>();
    for (Uid uid : changed) {
      String id = ids.get(uid);
      if (id == null) {
        log.error("organization {} has changes and is not registered", uid);
        continue;
      }
      OrgState old = index.find(id);
      if (old == null
          || !old.isInitialized()
          || restricted.containsKey(uid)
          || touchesMemory(changes.getOrDefault(uid, List.of()))) {
        states.add(load(id, uid, snapshot, restricted));
      } else {
        states.add(withHead(old, snapshot.head(uid)));
      }
    }
    return states;
  }

  /** Whether changes are of what is kept in memory. */
  static boolean touchesMemory(List<Mutation> mutations) {
    for (Mutation mutation : mutations) {
      if (IN_MEMORY.contains(mutation.table())) {
        return true;
      }
    }
    return false;
  }

  private static List<OrganizationRow> registered(StoreSnapshot snapshot) {
    List<OrganizationRow> rows = new ArrayList<>();
    new OrgRows(snapshot.view(Uid.SYSTEM))
        .each(
            Table.ORGANIZATIONS,
            START,
            START,
            (key, value) -> OrganizationRow.decode(value),
            row -> {
              rows.add(row);
              return true;
            });
    return rows;
  }

  private OrgState withHead(OrgState old, OrgHead head) {
    Revision revision = Revision.of(identity.lineage(), head);
    return new OrgState(
        old.id(),
        old.uid(),
        head,
        revision,
        revision.token(),
        old.settings(),
        old.compiled(),
        old.suspensions(),
        old.inactiveGroups(),
        old.rules(),
        old.restriction());
  }

  private OrgState load(String id, Uid uid, StoreSnapshot snapshot, Map<Uid, String> restricted) {
    String restriction = restricted.getOrDefault(uid, "");
    if (restriction.isEmpty()) {
      try {
        return load(id, uid, snapshot);
      } catch (UndecodableException | ProfileException e) {
        restriction = String.valueOf(e.getMessage());
      } catch (StoreException e) {
        restriction = "its rows cannot be read: " + e.getMessage();
      }
      log.error("organization {} ({}) is restricted: {}", id, uid, restriction);
      restricted.put(uid, restriction);
    }
    return restricted(id, uid, snapshot, restriction);
  }

  private OrgState restricted(String id, Uid uid, StoreSnapshot snapshot, String restriction) {
    OrgHead head = OrgHead.empty(uid);
    try {
      head = snapshot.head(uid);
    } catch (StoreException e) {
      log.error("organization {} ({}): its head cannot be read", id, uid, e);
    }
    Revision revision = Revision.of(identity.lineage(), head);
    return new OrgState(
        id,
        uid,
        head,
        revision,
        revision.token(),
        Optional.empty(),
        Optional.empty(),
        uid.equals(Uid.SYSTEM) ? suspendedOrganizations(snapshot) : Map.of(),
        Set.of(),
        OrgRules.NONE,
        restriction);
  }

  /**
   * The organizations that were switched off before {@code system} was restricted: they stay so,
   * and nothing is published without knowing them.
   */
  private static Map<OrgState.Suspended, SuspensionRow> suspendedOrganizations(
      StoreSnapshot snapshot) {
    try {
      return suspensions(new OrgRows(snapshot.view(Uid.SYSTEM)));
    } catch (UndecodableException e) {
      throw new CorruptionException(
          "it cannot be read which organizations are suspended: " + e.getMessage(), e);
    }
  }

  private static Map<OrgState.Suspended, SuspensionRow> suspensions(OrgRows rows) {
    Map<OrgState.Suspended, SuspensionRow> suspensions = new HashMap<>();
    rows.eachSuspension(
        row -> {
          suspensions.put(new OrgState.Suspended(row.target(), row.uid()), row);
          return true;
        });
    return suspensions;
  }

  private OrgState load(String id, Uid uid, StoreSnapshot snapshot) {
    OrgRows rows = new OrgRows(snapshot.view(uid));
    OrgHead head = snapshot.head(uid);
    return load(
        id,
        head,
        Revision.of(identity.lineage(), head),
        rows,
        row -> profiles.compile(document(rows, row), row.vocabulary()));
  }

  /**
   * What rows come to.
   *
   * @param compiler of the profile that holds by settings
   */
  static OrgState load(
      String id,
      OrgHead head,
      Revision revision,
      OrgRows rows,
      Function<SettingsRow, Profile> compiler) {
    Optional<SettingsRow> settings = rows.settings();
    Set<Uid> inactive = new HashSet<>();
    rows.eachInactiveGroup(
        group -> {
          inactive.add(group);
          return true;
        });
    Optional<Profile> profile = settings.map(compiler);
    return new OrgState(
        id,
        head.org(),
        head,
        revision,
        revision.token(),
        settings,
        profile,
        suspensions(rows),
        inactive,
        OrgRules.load(rows, settings, profile),
        "");
  }

  /**
   * The profile that holds by those settings.
   *
   * @throws UndecodableException when its document is not there
   */
  static Profile compile(OrgRows rows, SettingsRow settings) {
    return ProfileDocument.parse(document(rows, settings)).compile(settings.vocabulary());
  }

  private static String document(OrgRows rows, SettingsRow settings) {
    return rows.profile(settings.profileVersion())
        .map(ProfileRow::text)
        .orElseThrow(
            () ->
                new UndecodableException(
                    "profile version " + settings.profileVersion() + " is missing"));
  }
}
