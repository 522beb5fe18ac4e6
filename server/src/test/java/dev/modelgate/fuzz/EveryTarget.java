package dev.modelgate.fuzz;

import dev.modelgate.app.query.PageTokenTarget;
import dev.modelgate.cel.ConditionTarget;
import dev.modelgate.client.cli.ImportFileTarget;
import dev.modelgate.client.protect.HttpRequestTarget;
import dev.modelgate.client.protect.JsonBodyTarget;
import dev.modelgate.client.protect.ProtectionTarget;
import dev.modelgate.client.protect.ScannerTarget;
import dev.modelgate.grpc.AdminCallTarget;
import dev.modelgate.grpc.CheckTarget;
import dev.modelgate.grpc.ImportRecordTarget;
import dev.modelgate.identity.TokenTarget;
import dev.modelgate.model.NameTarget;
import dev.modelgate.model.profile.ProfileTarget;
import dev.modelgate.store.ChangeSetTarget;
import dev.modelgate.store.RevisionTarget;
import dev.modelgate.store.row.RowTarget;
import java.util.Arrays;
import java.util.List;

/**
 * All targets as one: the first byte of an input says which, so that one process fuzzes all of
 * them. The order is that of the stored corpus: append only.
 */
public final class EveryTarget {
  private static final List<FuzzTarget> TARGETS =
      List.of(
          new NameTarget(),
          new RevisionTarget(),
          new PageTokenTarget(),
          new ChangeSetTarget(),
          new RowTarget(),
          new ProfileTarget(),
          new ConditionTarget(),
          new ImportFileTarget(),
          new ImportRecordTarget(),
          new CheckTarget(),
          new AdminCallTarget(),
          new TokenTarget(),
          new ScannerTarget(),
          new HttpRequestTarget(),
          new JsonBodyTarget(),
          new ProtectionTarget());

  private EveryTarget() {}

  /** How many there are. */
  static int count() {
    return TARGETS.size();
  }

  /** Called by Jazzer, by this name. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (input.length > 0) {
      int target = Math.floorMod(input[0], TARGETS.size());
      TARGETS.get(target).read(Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
