package dev.modelgate.store;

import static dev.modelgate.fuzz.FuzzTarget.require;

import dev.modelgate.fuzz.FuzzTarget;
import java.util.Arrays;

/** Stored change sets: refused as a whole, or the bytes that would be written again (hazard 28). */
public final class ChangeSetTarget implements FuzzTarget {
  @Override
  public void read(byte[] input) {
    ChangeSet changeSet;
    try {
      changeSet = ChangeSetCodec.decode(input);
    } catch (UndecodableException e) {
      return;
    }
    require(Arrays.equals(ChangeSetCodec.encode(changeSet), input), "encode(decode(x)) is x");
  }
}
