package dev.modelgate.proof.growth;

import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Rows of which the rules do not see all, for negative controls. */
final class HiddenRows implements OrgView {
  private final OrgView rows;
  private final Table hidden;
  private final UnaryOperator<Grant> seen;

  private HiddenRows(OrgView rows, Table hidden, UnaryOperator<Grant> seen) {
    this.rows = rows;
    this.hidden = hidden;
    this.seen = seen;
  }

  static OrgView withoutDenyRules(OrgView rows) {
    return new HiddenRows(rows, Table.DENY_RULES, UnaryOperator.identity());
  }

  /** Every grant lasts. */
  static OrgView withoutEnds(OrgView rows) {
    return new HiddenRows(
        rows, Table.NOTICES, grant -> grant(grant, Micros.NEVER, grant.condition()));
  }

  /** Every grant counts always. */
  static OrgView withoutConditions(OrgView rows) {
    return new HiddenRows(rows, Table.NOTICES, grant -> grant(grant, grant.expiresAtMicros(), ""));
  }

  @Override
  public OrgHead head() {
    return rows.head();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    byte[] value = table == hidden ? null : rows.get(table, key);
    return value == null ? null : seen(table, key, value);
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    RowCursor cursor = rows.scan(table, prefix, from);
    return new RowCursor() {
      @Override
      public boolean next() {
        return table != hidden && cursor.next();
      }

      @Override
      public byte[] key() {
        return cursor.key();
      }

      @Override
      public byte[] value() {
        return seen(table, cursor.key(), cursor.value());
      }

      @Override
      public void close() {
        cursor.close();
      }
    };
  }

  private byte[] seen(Table table, byte[] key, byte[] value) {
    if (table != Table.GRANTS) {
      return value;
    }
    GrantRow row = GrantRow.decode(key, value);
    List<Grant> grants = row.grants().stream().map(seen).distinct().toList();
    return new GrantRow(row.resource(), row.principal(), grants).put() instanceof Mutation.Put put
        ? put.value()
        : value;
  }

  private static Grant grant(Grant grant, long expiresAtMicros, String condition) {
    return new Grant(
        grant.role(),
        grant.mask(),
        grant.canShare(),
        grant.canUseData(),
        grant.notBeforeMicros(),
        expiresAtMicros,
        grant.origin(),
        grant.grantedBy(),
        grant.grantedAtMicros(),
        grant.note(),
        condition);
  }
}
