package dev.modelgate.app.sharing;

import dev.modelgate.model.Uid;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.InactiveGroupRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.OrphanRow;
import dev.modelgate.store.row.Row;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Removes what is left of a deleted object, a bounded number of rows at a time. */
final class SweepRules {
  private final Draft draft;

  SweepRules(Draft draft) {
    this.draft = draft;
  }

  /**
   * Removes rows that name the object; when none is left, also the mark that there is something to
   * sweep.
   */
  void sweep(Command.Sweep command) {
    Optional<OrphanRow> orphan = draft.rows().orphan(command.orphan());
    long deletedAt =
        orphan.flatMap(OrphanRow::left).map(OrphanRow.Left::deletedAtMicros).orElse(0L);
    if (orphan.isEmpty() || deletedAt != command.deletedAtMicros() && deletedAt != 0) {
      return;
    }
    Uid uid = orphan.get().uid();
    List<Row> rows = new ArrayList<>();
    boolean named = false;
    if (orphan.get().target() == SuspensionRow.Target.RESOURCE) {
      draft.rows().eachGrantOf(uid, row -> collect(rows, row));
      new DenyRuleRules(draft).forgetScope(uid);
      named = !new Links(draft).forgetResource(uid);
    } else {
      draft
          .rows()
          .eachResourceGrantedTo(
              uid, resource -> collect(rows, draft.rows().grants(resource, uid)));
      draft.rows().eachGroupOf(uid, group -> collect(rows, draft.rows().member(group, uid)));
      draft.rows().eachMemberOf(uid, row -> collect(rows, row));
      named = !new DenyRuleRules(draft).forgetPrincipal(uid);
      draft.rows().eachTypeRight(Optional.of(uid), row -> collect(rows, Optional.of(row)));
    }
    rows.forEach(draft::delete);
    if (!named && rows.size() < Command.CHANGES_MAX) {
      draft.delete(orphan.get());
      if (uid.isSet()) {
        draft.delete(new InactiveGroupRow(uid));
      }
    } else if (deletedAt != 0) {
      draft.put(new OrphanRow(uid, orphan.get().target()));
    }
  }

  private static boolean collect(List<Row> rows, GrantRow row) {
    rows.add(row);
    return rows.size() < Command.CHANGES_MAX;
  }

  private static boolean collect(List<Row> rows, MemberRow row) {
    rows.add(row);
    return rows.size() < Command.CHANGES_MAX;
  }

  private static boolean collect(List<Row> rows, Optional<? extends Row> row) {
    row.ifPresent(rows::add);
    return rows.size() < Command.CHANGES_MAX;
  }
}
