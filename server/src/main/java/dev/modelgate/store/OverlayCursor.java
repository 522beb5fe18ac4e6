package dev.modelgate.store;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Merges the rows of a view with changes laid over them; where both have a key, the change counts.
 */
final class OverlayCursor implements RowCursor {
  private final RowCursor below;
  private final Iterator<Map.Entry<byte[], Optional<byte[]>>> above;
  private final byte[] prefix;
  private byte @Nullable [] nextBelow;
  private Map.@Nullable Entry<byte[], Optional<byte[]>> nextAbove;
  private byte[] key = {};
  private byte[] value = {};

  OverlayCursor(
      RowCursor below, Iterator<Map.Entry<byte[], Optional<byte[]>>> above, byte[] prefix) {
    this.below = below;
    this.above = above;
    this.prefix = prefix;
    stepBelow();
    stepAbove();
  }

  @Override
  public boolean next() {
    while (true) {
      byte[] low = nextBelow;
      Map.Entry<byte[], Optional<byte[]>> high = nextAbove;
      if (low == null && high == null) {
        return false;
      }
      int order = low == null ? 1 : high == null ? -1 : Arrays.compareUnsigned(low, high.getKey());
      if (low != null && order < 0) {
        key = low;
        value = below.value();
        stepBelow();
        return true;
      }
      if (order == 0) {
        stepBelow();
      }
      stepAbove();
      if (high != null && high.getValue().isPresent()) {
        key = high.getKey();
        value = high.getValue().get();
        return true;
      }
    }
  }

  @Override
  public byte[] key() {
    return key;
  }

  @Override
  public byte[] value() {
    return value;
  }

  @Override
  public void close() {
    below.close();
  }

  private void stepBelow() {
    nextBelow = below.next() ? below.key() : null;
  }

  private void stepAbove() {
    nextAbove = null;
    if (above.hasNext()) {
      Map.Entry<byte[], Optional<byte[]>> entry = above.next();
      boolean within =
          entry.getKey().length >= prefix.length
              && Arrays.mismatch(entry.getKey(), 0, prefix.length, prefix, 0, prefix.length) < 0;
      nextAbove = within ? entry : null;
    }
  }
}
