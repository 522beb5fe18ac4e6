package dev.modelgate.proof;

import dev.modelgate.model.Uid;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Position;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.Table;
import org.jspecify.annotations.Nullable;

/**
 * A negative control: what a reader that may not wait does not find in memory is absent to it
 * (hazards 4 and 11).
 */
final class ForgetfulReplica extends ForwardingReplica {
  ForgetfulReplica(Replica inner) {
    super(inner);
  }

  @Override
  public StoreSnapshot snapshot() {
    return new Snapshot(super.snapshot());
  }

  private record Snapshot(StoreSnapshot inner) implements StoreSnapshot {
    @Override
    public boolean tryRetain() {
      return inner.tryRetain();
    }

    @Override
    public void release() {
      inner.release();
    }

    @Override
    public Position position() {
      return inner.position();
    }

    @Override
    public OrgHead head(Uid org) {
      return inner.head(org);
    }

    @Override
    public OrgView view(Uid org) {
      return inner.view(org);
    }

    @Override
    public OrgView viewAtOnce(Uid org) {
      return new View(inner.viewAtOnce(org));
    }
  }

  private record View(OrgView inner) implements OrgView {
    @Override
    public OrgHead head() {
      return inner.head();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      try {
        return inner.get(table, key);
      } catch (NotAtOnceException e) {
        return null;
      }
    }

    @Override
    public RowCursor scan(Table table, byte[] prefix, byte[] from) {
      return new Cursor(inner.scan(table, prefix, from));
    }
  }

  private record Cursor(RowCursor inner) implements RowCursor {
    @Override
    public boolean next() {
      try {
        return inner.next();
      } catch (NotAtOnceException e) {
        return false;
      }
    }

    @Override
    public byte[] key() {
      return inner.key();
    }

    @Override
    public byte[] value() {
      return inner.value();
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
