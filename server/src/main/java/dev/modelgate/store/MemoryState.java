package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All organizations of a {@link MemoryReplica} at one moment; never changes once published. */
final class MemoryState {
  static final MemoryState EMPTY = new MemoryState(Position.START, new TreeMap<>());

  private final Position position;
  private final Map<Uid, Org> orgs;

  private MemoryState(Position position, Map<Uid, Org> orgs) {
    this.position = position;
    this.orgs = orgs;
  }

  /**
   * One organization.
   *
   * @param recents by actor and request id, in the order of their versions
   */
  record Org(
      OrgHead head,
      long recentSince,
      Map<Table, TreeMap<byte[], byte[]>> rows,
      TreeMap<Long, LogRecord> log,
      LinkedHashMap<String, Recent> recents) {

    static Org empty(Uid org) {
      return new Org(OrgHead.empty(org), 0, emptyTables(), new TreeMap<>(), new LinkedHashMap<>());
    }

    private static Map<Table, TreeMap<byte[], byte[]>> emptyTables() {
      Map<Table, TreeMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
      for (Table table : Table.values()) {
        tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
      }
      return tables;
    }

    TreeMap<byte[], byte[]> table(Table table) {
      return rows.getOrDefault(table, new TreeMap<>(Arrays::compareUnsigned));
    }

    Org copy() {
      Map<Table, TreeMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
      rows.forEach((table, map) -> tables.put(table, new TreeMap<>(map)));
      return new Org(head, recentSince, tables, new TreeMap<>(log), new LinkedHashMap<>(recents));
    }

    Org with(OrgHead newHead, long newRecentSince) {
      return new Org(newHead, newRecentSince, rows, log, recents);
    }
  }

  Position position() {
    return position;
  }

  Org org(Uid uid) {
    Org org = orgs.get(uid);
    return org == null ? Org.empty(uid) : org;
  }

  Edit edit() {
    return new Edit(new TreeMap<>(orgs));
  }

  void export(SnapshotSink sink) {
    for (Org org : orgs.values()) {
      sink.head(org.head());
      for (Table table : Table.values()) {
        if (!table.isIndex()) {
          org.table(table).forEach((key, value) -> sink.row(table, key.clone(), value.clone()));
        }
      }
    }
  }

  /** A state in the making; copies an organization the first time that it changes. */
  static final class Edit {
    private final Map<Uid, Org> orgs;
    private final Set<Uid> copied = new HashSet<>();

    private Edit(Map<Uid, Org> orgs) {
      this.orgs = orgs;
    }

    OrgHead head(Uid uid) {
      Org org = orgs.get(uid);
      return org == null ? OrgHead.empty(uid) : org.head();
    }

    void accept(ChangeSet changeSet, LogRecord record) {
      Org org = own(changeSet.org());
      changeSet.mutations().forEach(mutation -> write(org, mutation));
      OrgHead head = Acceptor.advance(org.head(), changeSet, record.stored());
      org.log().put(head.version(), record);
      if (changeSet.requestId().isPresent()) {
        String key = changeSet.actor() + " " + changeSet.requestId().text();
        org.recents().remove(key);
        org.recents().put(key, new Recent(head.version(), changeSet.commandDigest(), head.at()));
      }
      orgs.put(changeSet.org(), org.with(head, forget(org, head)));
    }

    private static void write(Org org, Mutation mutation) {
      if (mutation.table().isLogOnly()) {
        return;
      }
      put(org, mutation);
      Mutation index = IndexRows.of(mutation);
      if (index != mutation) {
        put(org, index);
      }
    }

    private static void put(Org org, Mutation mutation) {
      if (mutation instanceof Mutation.Put put) {
        org.table(put.table()).put(put.key(), put.value());
      } else {
        org.table(mutation.table()).remove(mutation.key());
      }
    }

    private static long forget(Org org, OrgHead head) {
      long since = org.recentSince();
      var oldest = org.recents().values().iterator();
      for (int i = 0; i < RecentWindow.FORGOTTEN_PER_CHANGE_MAX && oldest.hasNext(); i++) {
        Recent recent = oldest.next();
        boolean tooMany = org.recents().size() > RecentWindow.ENTRIES_MAX;
        if (!tooMany && !RecentWindow.isTooOld(recent.at(), head.at())) {
          break;
        }
        oldest.remove();
        since = recent.version();
      }
      return since;
    }

    private Org own(Uid uid) {
      Org org = orgs.get(uid);
      if (org == null || copied.add(uid)) {
        copied.add(uid);
        org = org == null ? Org.empty(uid) : org.copy();
        orgs.put(uid, org);
      }
      return org;
    }

    SnapshotSink importer() {
      return new SnapshotSink() {
        private Uid org = Uid.NONE;

        @Override
        public void head(OrgHead head) {
          org = head.org();
          orgs.put(org, Org.empty(org).with(head, head.version()));
        }

        @Override
        public void row(Table table, byte[] key, byte[] value) {
          Org target = orgs.get(org);
          if (target == null) {
            throw new IllegalStateException("a row before the first head");
          }
          write(target, new Mutation.Put(table, key, value));
        }
      };
    }

    MemoryState finish(Position position) {
      return new MemoryState(position, orgs);
    }
  }
}
