package dev.modelgate.app.commit;

import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import org.jspecify.annotations.Nullable;

/** The published rows with everything staged laid over them, and the head behind that. */
final class StagedView implements OrgView {
  private final Overlay overlay;
  private final OrgHead head;

  StagedView(Overlay overlay, OrgHead head) {
    this.overlay = overlay;
    this.head = head;
  }

  @Override
  public OrgHead head() {
    return head;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return overlay.get(table, key);
  }

  @Override
  public RowCursor scan(Table table, byte[] prefix, byte[] from) {
    return overlay.scan(table, prefix, from);
  }
}
