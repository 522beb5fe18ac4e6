package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Replica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Misses that are evaluated where they are asked, and those of which memory does not have all
 * (hazards 4 and 11). Whether a question is tried at once turns on the time that its thread has
 * spent, so what has to be seen is asked for until it is.
 */
final class AtOnceTest {
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");
  private static final int SEEDS = Math.min(60, Integer.getInteger("modelgate.history.seeds", 60));
  private static final int NEGATIVE_SEEDS_MAX = 30;
  private static final int TRIES_MAX = 10_000;

  /** The read of which number is not in memory, once; negative for none. */
  private final AtomicInteger left = new AtomicInteger(-1);

  private final AtomicInteger readAtOnce = new AtomicInteger();

  private final MemoryReplica replica =
      new MemoryReplica(
          LineageId.random(),
          Rows::check,
          new MemoryReplica.Faults() {
            @Override
            public void beforeReadAtOnce() {
              readAtOnce.incrementAndGet();
              if (left.get() >= 0 && left.getAndDecrement() == 0) {
                throw new NotAtOnceException("on disk");
              }
            }
          });

  /** Whichever read it is, its absence from memory is never that of the row. */
  @Test
  void check_oneOfWhoseReadsIsNotInMemory_isAnsweredFromTheStore() {
    try (Acme acme = new Acme(replica, new Stamps())) {
      acme.put(RISK);
      acme.share(RISK);
      int read = 0;
      while (missesAtRead(acme, read)) {
        read++;
      }
      assertTrue(read >= 4, "only " + read + " reads in an evaluation");
    }
  }

  /** Whether an evaluation has that many reads, with the last of them not in memory. */
  private boolean missesAtRead(Acme acme, int read) {
    int untouched = 0;
    for (int i = 0; i < TRIES_MAX; i++) {
      boolean shared = i % 2 == 0;
      acme.commit(
          new Command.UpdateMemberships(List.of(new MembershipChange(shared, RISK, Acme.BO))));
      readAtOnce.set(0);
      left.set(read);
      long deferred = acme.bed.counts().deferred.sum();
      assertEquals(shared, acme.ask(Acme.BO_GETS).allowed(), "read " + read + " not in memory");
      boolean met = left.getAndSet(-1) < 0;
      assertEquals(met ? 1 : 0, acme.bed.counts().deferred.sum() - deferred);
      long hits = acme.bed.counts().hits.sum();
      assertEquals(shared, acme.ask(Acme.BO_GETS).allowed());
      assertEquals(hits + 1, acme.bed.counts().hits.sum(), "the answer of the pool is kept");
      if (met && shared) {
        return true;
      }
      // So often it was evaluated where it was asked, and has fewer reads.
      untouched += readAtOnce.getAndSet(0) > 0 && !met ? 1 : 0;
      if (untouched > 20) {
        return false;
      }
    }
    return fail("the share of an idle thread is never free");
  }

  @Test
  void questionOfTooManyRows_isForThePool() {
    try (Acme acme = new Acme(replica, new Stamps())) {
      List<PrincipalName> groups = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        groups.add(PrincipalName.parse("group:g" + i));
        acme.put(groups.get(i));
      }
      acme.commit(
          new Command.UpdateMemberships(
              groups.stream().map(group -> new MembershipChange(true, group, Acme.BO)).toList()));
      for (int i = 0; acme.bed.counts().deferred.sum() == 0 && i < TRIES_MAX; i++) {
        PrincipalName last = groups.get(99);
        acme.commit(Acme.grants(Acme.ROOT, Acme.set(last, "viewer")));
        assertTrue(acme.ask(Acme.BO_GETS).allowed());
        acme.commit(
            new Command.UpdateMemberships(
                List.of(
                    new MembershipChange(false, last, Acme.BO),
                    new MembershipChange(true, last, Acme.BO))));
        acme.commit(Acme.grants(Acme.ROOT, Acme.remove(last)));
        assertFalse(acme.ask(Acme.BO_GETS).allowed());
      }
      assertTrue(acme.bed.counts().deferred.sum() > 0, "so many rows were read at once");
    }
  }

  @Test
  void everyAnswer_whenRowsAreSometimesOnDisk_isThatOfTheReference() {
    long deferred = 0;
    long misses = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (History history = history(seed, replica -> replica)) {
        assertEquals(Optional.empty(), history.play(), "seed " + seed);
        deferred += history.counts().deferred.sum();
        misses += history.counts().misses.sum();
      }
    }
    System.out.println("histories, rows on disk: " + deferred + " of " + misses + " misses");
    assertTrue(deferred > misses / 20, "too few: " + deferred + " of " + misses);
    assertTrue(deferred < misses, "nothing was evaluated at once");
  }

  @Test
  void histories_whenWhatIsNotInMemoryIsAbsent_findAWrongAnswer() {
    for (long seed = 1; seed <= NEGATIVE_SEEDS_MAX; seed++) {
      try (History history = history(seed, ForgetfulReplica::new)) {
        Optional<String> wrong = history.play();
        if (wrong.isPresent()) {
          System.out.println("what is not in memory is absent: found by seed " + seed);
          return;
        }
      }
    }
    fail("not found by " + NEGATIVE_SEEDS_MAX + " histories");
  }

  /** One in 30 rows that are read at once is on disk. */
  private static History history(long seed, UnaryOperator<Replica> over) {
    SplittableRandom random = new SplittableRandom(seed);
    return new History(
        seed,
        new Stamps(),
        0,
        0,
        failures ->
            over.apply(
                new MemoryReplica(
                    LineageId.random(),
                    Rows::check,
                    new MemoryReplica.Faults() {
                      @Override
                      public void beforeWrite(List<Positioned> batch) {
                        failures.beforeWrite(batch);
                      }

                      @Override
                      public void afterWrite(List<Positioned> batch) {
                        failures.afterWrite(batch);
                      }

                      @Override
                      public void beforeReadAtOnce() {
                        if (random.nextInt(30) == 0) {
                          throw new NotAtOnceException("on disk");
                        }
                      }
                    })));
  }
}
