package dev.modelgate.app.commit;

import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import org.jspecify.annotations.Nullable;

/** The same rows as another view has, read as it is cheap for a batch of an import. */
final class ImportView implements OrgView {
  private final OrgView view;
  private final RowMemory memory;
  private final GrantsAhead grants;

  /**
   * A view of a batch.
   *
   * @param memory at the view's head, and nowhere else as long as this is used
   */
  ImportView(OrgView view, RowMemory memory) {
    this.view = view;
    this.memory = memory;
    this.grants = new GrantsAhead(view);
  }

  @Override
  public OrgHead head() {
    return view.head();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    if (RowMemory.holds(table)) {
      return memory.get(view, table, key);
    }
    return table == Table.GRANTS ? grants.get(key) : view.get(table, key);
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    return view.scan(table, prefix, from);
  }
}
