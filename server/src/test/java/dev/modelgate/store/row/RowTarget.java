package dev.modelgate.store.row;

import dev.modelgate.fuzz.FuzzTarget;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import java.util.Arrays;

/** Rows of every table: one that this version writes, or refused as a whole (hazard 28). */
public final class RowTarget implements FuzzTarget {
  @Override
  public void read(byte[] input) {
    if (input.length < 2) {
      return;
    }
    int keyLength = Math.min(input[1] & 0x7f, input.length - 2);
    try {
      Rows.check(
          Table.values()[Math.floorMod(input[0], Table.values().length)],
          Arrays.copyOfRange(input, 2, 2 + keyLength),
          Arrays.copyOfRange(input, 2 + keyLength, input.length));
    } catch (UndecodableException e) {
      return;
    }
  }
}
