package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceRow.Attributes;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.SuspensionRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Whose access, and where, the changes of a mutation can make another: pairs of a principal and a
 * resource. Each pair is compared by itself, so this leaves out and never lets in; what is left out
 * is what no change bears on.
 *
 * <p>The counterpart of the stripes that a change raises, by names in place of hashes.
 */
final class Affected {
  private static final byte[] EMPTY = {};
  private static final String EVERYTHING = "";

  private final ResourceName root;
  private final OrgRows before;
  private final OrgRows after;
  private final OrgRows both;
  private final NamedPrincipals.Source source;
  private final Map<String, NamedPrincipals> where = new TreeMap<>();

  /**
   * Nothing yet.
   *
   * @param root the organization
   * @param both rows of which each is on one of the sides, so that whoever is a member on either
   *     side is one here, and what there is on either side is here
   */
  Affected(ResourceName root, OrgRows before, OrgRows after, OrgRows both) {
    this.root = root;
    this.before = before;
    this.after = after;
    this.both = both;
    this.source = new NamedPrincipals.Source(both);
  }

  /** Adds what a change bears on. */
  void add(Mutation mutation) {
    ByteReader key = new ByteReader(mutation.key());
    switch (mutation.table()) {
      case GRANTS -> addAt(new Uid(key.fixed64()), new Uid(key.fixed64()));
      case MEMBERS -> {
        key.fixed64();
        add(EVERYTHING, new Uid(key.fixed64()));
      }
      case TYPE_RIGHTS, INACTIVE_GROUPS -> add(EVERYTHING, new Uid(key.fixed64()));
      case PRINCIPALS -> addRecord(PrincipalName.parse(text(mutation.key())));
      case RESOURCES -> addResource(text(mutation.key()));
      case SUSPENSIONS -> addSuspension(SuspensionRow.Target.values()[key.fixed8()], key);
      case DENY_RULES -> {
        String id = text(mutation.key());
        before.denyRule(id).ifPresent(this::addRule);
        after.denyRule(id).ifPresent(this::addRule);
      }
      case SETTINGS -> {
        if (!before
            .settings()
            .map(Affected::decides)
            .equals(after.settings().map(Affected::decides))) {
          addEverything();
        }
      }
      case PROFILES, PRINCIPAL_UIDS, RESOURCE_UIDS, LINKS, ORPHANS, ORGANIZATIONS, NOTICES -> {
        // They come with others that say whose access it is, or decide nothing: a check with the
        // secret of a link is one of its principal.
      }
      case GRANTS_BY_PRINCIPAL, GROUPS_OF, DELETED_NAMES ->
          throw new IllegalStateException("a row of an index in a mutation: " + mutation.table());
    }
  }

  /** Adds everybody and everything. */
  void addEverything() {
    everybody(EVERYTHING);
  }

  /**
   * Leaves out of everybody, where it is everybody, those to whom nothing is given: by a grant at,
   * above or below the place, or by a type right. Whatever is allowed is given.
   */
  void narrow() {
    where.replaceAll((path, who) -> who.isEverybody() ? given(path) : who);
  }

  /**
   * Walks the principals from a uid on, by uid, until the visitor answers false: of the sets only
   * those of accounts without a record.
   */
  void each(Uid from, Predicate<Uid> visitor) {
    NavigableSet<Uid> few = new TreeSet<>();
    boolean everybody = false;
    for (NamedPrincipals who : where.values()) {
      everybody |= who.isEverybody();
      few.addAll(who.few());
    }
    if (!everybody) {
      for (Uid uid : few.tailSet(from, true)) {
        if (!visitor.test(uid)) {
          return;
        }
      }
      return;
    }
    for (Uid uid : List.of(Uid.ALL_AUTHENTICATED_USERS, Uid.ALL_USERS)) {
      if (uid.compareTo(from) >= 0 && !visitor.test(uid)) {
        return;
      }
    }
    both.each(
        Table.PRINCIPAL_UIDS,
        EMPTY,
        PrincipalUidRow.key(from),
        (key, value) -> PrincipalUidRow.decode(value).uid(),
        uid -> uid.isSet() || visitor.test(uid));
  }

  /** Where a principal can be concerned. */
  List<PathSpan> spans(Uid principal) {
    List<PathSpan> spans = new ArrayList<>();
    where.forEach(
        (path, who) -> {
          if (who.has(principal)) {
            spans.add(PathSpan.of(path));
            spans.add(PathSpan.below(path));
          }
        });
    return PathSpan.merged(spans);
  }

  private void addAt(Uid resource, Uid principal) {
    both.resourcePath(resource).map(ResourceUidRow::path).ifPresent(path -> add(path, principal));
  }

  private void addRecord(PrincipalName name) {
    Optional<PrincipalRow> was = before.principal(name);
    Optional<PrincipalRow> is = after.principal(name);
    if (!was.map(Affected::decides).equals(is.map(Affected::decides))) {
      was.map(PrincipalRow::uid).ifPresent(uid -> add(EVERYTHING, uid));
      is.map(PrincipalRow::uid).ifPresent(uid -> add(EVERYTHING, uid));
    }
  }

  private void addResource(String path) {
    if (!before
        .resource(path)
        .map(Affected::decides)
        .equals(after.resource(path).map(Affected::decides))) {
      everybody(path);
    }
  }

  private void addSuspension(SuspensionRow.Target target, ByteReader key) {
    Uid uid = new Uid(key.fixed64());
    switch (target) {
      case ORGANIZATION -> addEverything();
      case PRINCIPAL -> add(EVERYTHING, uid);
      case RESOURCE -> both.resourcePath(uid).map(ResourceUidRow::path).ifPresent(this::everybody);
    }
  }

  private void addRule(DenyRuleRow rule) {
    rule.principals().forEach(principal -> addAt(rule.scope(), principal));
  }

  private void everybody(String path) {
    who(path).addEverybody();
  }

  private void add(String path, Uid principal) {
    who(path).add(principal);
  }

  private NamedPrincipals who(String path) {
    return where.computeIfAbsent(path, any -> new NamedPrincipals(source));
  }

  private NamedPrincipals given(String path) {
    NamedPrincipals given = new NamedPrincipals(source);
    given.addGiven(path.isEmpty() ? root : ResourceName.parse(root.text() + "/" + path));
    return given;
  }

  private static List<Object> decides(SettingsRow row) {
    return List.of(row.profileVersion(), row.vocabulary(), row.features());
  }

  private static List<Object> decides(PrincipalRow row) {
    return List.of(row.uid(), row.state(), row.unit());
  }

  private static List<Object> decides(ResourceRow row) {
    Attributes said = row.attributes();
    return List.of(row.uid(), said.type(), said.unit(), said.flags());
  }

  private static String text(byte[] key) {
    return new String(key, StandardCharsets.UTF_8);
  }
}
