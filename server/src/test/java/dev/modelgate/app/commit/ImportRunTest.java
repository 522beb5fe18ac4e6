package dev.modelgate.app.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.ImportMembership;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Revision;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How an import behaves towards others. */
final class ImportRunTest {
  private static final int BATCHES = 5;

  /** Hazard 23: what goes ahead of an import waits for the syncs of two of its batches at most. */
  @Test
  void import_ofManyBatches_hasTwoUnderWayAtMost() throws InterruptedException {
    Pending committer = new Pending();
    Thread importing =
        new Thread(
            () -> {
              ImportRun run =
                  new ImportRun(
                      ImportTarget.existing(committer),
                      "acme",
                      Order.of(Requester.SYSTEM_ADMINISTRATOR),
                      0);
              for (int i = 0; i < BATCHES * Command.CHANGES_MAX; i++) {
                run.add(line(i));
              }
              run.finish();
            });
    importing.start();
    for (int settled = 0; settled < BATCHES; settled++) {
      int underWay = Math.min(2, BATCHES - settled);
      awaitWaiting(importing, committer, settled + underWay);
      assertEquals(settled + underWay, committer.submitted.size(), "batches that were submitted");
      committer.submitted.get(settled).complete(outcome(settled + 1));
    }
    importing.join(TimeUnit.SECONDS.toMillis(20));
    assertFalse(importing.isAlive());
    assertEquals(BATCHES, committer.submitted.size());
  }

  private static void awaitWaiting(Thread importing, Pending committer, int submitted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while ((committer.submitted.size() < submitted || importing.getState() != Thread.State.WAITING)
        && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertTrue(importing.getState() == Thread.State.WAITING, "the import does not wait");
  }

  private static Outcome outcome(long version) {
    return new Outcome(new Revision(1, Uid.of(1, 0, false), version), Optional.empty());
  }

  private static ImportLine line(int i) {
    PrincipalName group = PrincipalName.parse("group:all");
    PrincipalName member = PrincipalName.parse("user:u" + i + "@acme.com");
    return new ImportLine(new ImportMembership(group, member), 1, () -> new byte[] {1});
  }

  /** Takes commands and answers none. */
  private static final class Pending implements Committer {
    final List<CompletableFuture<Outcome>> submitted = new CopyOnWriteArrayList<>();

    @Override
    public CompletionStage<Outcome> commit(String organizationId, Order order, Command command) {
      CompletableFuture<Outcome> outcome = new CompletableFuture<>();
      submitted.add(outcome);
      return outcome;
    }
  }
}
