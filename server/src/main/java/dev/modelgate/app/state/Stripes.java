package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.IndexRows;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.SuspensionRow;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;

/**
 * Which stripe of {@link Stamps} stands for what (hazard 5). The two sides must agree: {@link
 * Dependencies} says what an answer looked at, {@link #changedBy} what a mutation changes.
 *
 * <table>
 * <caption>stripes</caption>
 * <tr><td>organization</td><td>settings, profile, type rights, deny rules, its suspension</td></tr>
 * <tr><td>group graph</td><td>group-in-group edges, state of groups, suspended groups</td></tr>
 * <tr><td>principal, by name</td><td>its record, whether it is that of a deleted
 *     one</td></tr>
 * <tr><td>principal, by uid</td><td>its memberships, its suspension, its link</td></tr>
 * <tr><td>path</td><td>the record of a resource</td></tr>
 * <tr><td>resource and principal</td><td>the grants of an account on a resource</td></tr>
 * <tr><td>resource</td><td>grants to sets of accounts on it, its suspension</td></tr>
 * <tr><td>accounts of a resource</td><td>any grant to a single account on it; only {@link
 *     FactCache} looks at these</td></tr>
 * <tr><td>what an account is granted</td><td>any grant to a single account; only {@link Granted}
 *     looks at these</td></tr>
 * </table>
 */
final class Stripes {
  private static final int ORGANIZATION = 1;
  private static final int GROUP_GRAPH = 2;
  private static final int PRINCIPAL_NAME = 3;
  private static final int PRINCIPAL_UID = 4;
  private static final int PATH = 5;
  private static final int PAIR = 6;
  private static final int RESOURCE = 7;
  private static final int ACCOUNTS = 8;
  private static final int GRANTED = 9;

  private Stripes() {}

  static int organization(Uid org) {
    return stripe(org, ORGANIZATION, 0, 0);
  }

  static int groupGraph(Uid org) {
    return stripe(org, GROUP_GRAPH, 0, 0);
  }

  static int principalName(Uid org, String name) {
    return stripe(org, PRINCIPAL_NAME, name.hashCode(), name.length());
  }

  static int principal(Uid org, Uid principal) {
    return principal.isSet() ? groupGraph(org) : stripe(org, PRINCIPAL_UID, principal.value(), 0);
  }

  static int path(Uid org, String path) {
    return stripe(org, PATH, path.hashCode(), path.length());
  }

  static int resource(Uid org, Uid resource) {
    return stripe(org, RESOURCE, resource.value(), 0);
  }

  static int accounts(Uid org, Uid resource) {
    return stripe(org, ACCOUNTS, resource.value(), 0);
  }

  static int granted(Uid org, Uid account) {
    return stripe(org, GRANTED, account.value(), 0);
  }

  static int grants(Uid org, Uid resource, Uid principal) {
    return principal.isSet()
        ? resource(org, resource)
        : stripe(org, PAIR, resource.value(), principal.value());
  }

  /** Names every stripe that stands for something that the mutation changes. */
  static void changedBy(Uid org, Mutation mutation, IntConsumer stripes) {
    switch (mutation.table()) {
      case SETTINGS, PROFILES, TYPE_RIGHTS, DENY_RULES -> stripes.accept(organization(org));
      case PRINCIPALS -> {
        String name = text(mutation.key());
        stripes.accept(principalName(org, name));
        if (name.startsWith("group:")) {
          stripes.accept(groupGraph(org));
        }
      }
      case RESOURCES -> stripes.accept(path(org, text(mutation.key())));
      case GRANTS -> {
        ByteReader pair = new ByteReader(mutation.key());
        Uid resource = new Uid(pair.fixed64());
        Uid principal = new Uid(pair.fixed64());
        stripes.accept(grants(org, resource, principal));
        if (!principal.isSet()) {
          stripes.accept(accounts(org, resource));
          stripes.accept(granted(org, principal));
        }
      }
      case MEMBERS -> {
        ByteReader pair = new ByteReader(mutation.key());
        pair.fixed64();
        stripes.accept(principal(org, new Uid(pair.fixed64())));
      }
      case SUSPENSIONS -> suspended(org, new ByteReader(mutation.key()), stripes);
      case LINKS ->
          stripes.accept(principal(org, new Uid(new ByteReader(mutation.key()).fixed64())));
      case INACTIVE_GROUPS -> stripes.accept(groupGraph(org));
      case PRINCIPAL_UIDS -> {
        Mutation index = IndexRows.of(mutation);
        if (index.table() == Table.DELETED_NAMES) {
          stripes.accept(principalName(org, text(index.key())));
        }
      }
      case RESOURCE_UIDS, ORPHANS, ORGANIZATIONS, NOTICES -> {
        // No answer looks at these: uids are never given twice, and unknown organizations are not
        // cached.
      }
      case GRANTS_BY_PRINCIPAL, GROUPS_OF, DELETED_NAMES ->
          throw new IllegalStateException(
              "a change set holds a row of the index " + mutation.table());
    }
  }

  private static void suspended(Uid org, ByteReader key, IntConsumer stripes) {
    SuspensionRow.Target target = SuspensionRow.Target.values()[key.fixed8()];
    Uid uid = new Uid(key.fixed64());
    stripes.accept(
        switch (target) {
          case ORGANIZATION -> organization(org);
          case PRINCIPAL -> principal(org, uid);
          case RESOURCE -> resource(org, uid);
        });
  }

  private static String text(byte[] key) {
    return new String(key, StandardCharsets.UTF_8);
  }

  /** Over the parts. */
  private static int stripe(Uid org, int what, long first, long second) {
    long h = mix(org.value() * 31 + what);
    h = mix(h ^ first);
    h = mix(h + second);
    return (int) (h & Stamps.STRIPES - 1);
  }

  /** The finalizer of MurmurHash3, 64 bits. */
  static long mix(long value) {
    long h = value;
    h ^= h >>> 33;
    h *= 0xff51afd7ed558ccdL;
    h ^= h >>> 33;
    h *= 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }
}
