package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the pool takes when it is busy, and in what order. */
final class MissPoolTest {
  private static final int QUEUE_MAX = 4;

  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch busy = new CountDownLatch(1);
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final List<String> shed = new CopyOnWriteArrayList<>();
  private final AtomicInteger counted = new AtomicInteger();
  private final MissPool pool =
      new MissPool(
          1,
          QUEUE_MAX,
          new Telemetry() {
            @Override
            public void shed() {
              counted.incrementAndGet();
            }
          },
          nanos::get);

  @AfterEach
  void close() {
    release.countDown();
    pool.close();
    assertEquals(shed.size(), counted.get(), "each is counted");
  }

  /** Hazard 9: a recheck is left out before it takes the place of a question. */
  @Test
  void pool_halfFull_takesQuestionsAndNoRechecks() throws InterruptedException {
    occupy();
    for (int i = 0; i < 3; i++) {
      pool.submit("ana", miss("question " + i));
    }
    pool.offer(miss("recheck"));
    assertEquals(List.of("recheck"), shed);
    pool.submit("ana", miss("question 3"));
    pool.submit("ana", miss("question 4"));
    assertEquals(List.of("recheck", "question 4"), shed);
  }

  @Test
  void storm_ofOneCaller_costsTheOthersNeitherPlaceNorTurn() throws InterruptedException {
    occupy();
    for (int i = 0; i < 10; i++) {
      pool.submit("storm", miss("storm " + i));
    }
    pool.submit("ana", miss("ana"));
    finish();
    assertEquals(List.of("storm 0", "ana", "storm 1", "storm 2"), done);
    assertEquals(7, shed.size(), shed.toString());
    assertTrue(shed.stream().allMatch(name -> name.startsWith("storm")), shed.toString());
  }

  @Test
  void work_thatHasWaitedTooLong_isShedAndWhatComesAfterIsDone() throws InterruptedException {
    occupy();
    pool.submit("ana", miss("old"));
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(WaitBound.BURST_MS) + 1);
    pool.submit("ana", miss("new"));
    finish();
    assertEquals(List.of("old"), shed);
    assertEquals(List.of("new"), done);
  }

  @Test
  void patientWork_waitsAsLongAsThereIsRoom() throws InterruptedException {
    occupy();
    MissPool.Miss stream = miss("stream");
    pool.submit(
        "ana",
        new MissPool.Miss() {
          @Override
          public void run() {
            stream.run();
          }

          @Override
          public void shed() {
            stream.shed();
          }

          @Override
          public boolean isPatient() {
            return true;
          }
        });
    pool.submit("bo", miss("unary"));
    pool.submit("cleo", miss("last"));
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(WaitBound.BURST_MS) + 1);
    finish();
    assertEquals(List.of("stream", "last"), done, "nothing waits behind the last");
    assertEquals(List.of("unary"), shed);
  }

  /** Else each refusal of all that waits would let what comes next wait as long as a burst may. */
  @Test
  void queueEmptiedByRefusals_endsNoOverload() throws InterruptedException {
    occupy();
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(WaitBound.BURST_MS) + 1);
    pool.submit("ana", miss("old"));
    MissPool.Miss last = miss("last");
    CountDownLatch submitted = new CountDownLatch(1);
    pool.submit(
        "ana",
        new MissPool.Miss() {
          @Override
          public void run() {
            pool.submit("ana", miss("next"));
            pool.submit("ana", miss("after"));
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(WaitBound.OVERLOAD_MS_MIN) + 1);
            last.run();
            submitted.countDown();
          }

          @Override
          public void shed() {
            last.shed();
          }
        });
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(WaitBound.OVERLOAD_MS_MIN) + 1);
    release.countDown();
    assertTrue(submitted.await(20, TimeUnit.SECONDS));
    finish();
    assertEquals(List.of("old", "next"), shed);
    assertEquals(List.of("last", "after"), done);
  }

  @Test
  void closed_shedsWhatComes() {
    pool.close();
    pool.submit("ana", miss("late"));
    assertEquals(List.of("late"), shed);
  }

  /** Keeps the one thread until {@link #release}. */
  private void occupy() throws InterruptedException {
    pool.submit(
        "first",
        new MissPool.Miss() {
          @Override
          public void run() {
            busy.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void shed() {
            shed.add("first");
          }
        });
    assertTrue(busy.await(20, TimeUnit.SECONDS));
  }

  /** Lets all that waits be done. */
  private void finish() {
    release.countDown();
    pool.close();
  }

  private MissPool.Miss miss(String name) {
    return new MissPool.Miss() {
      @Override
      public void run() {
        done.add(name);
      }

      @Override
      public void shed() {
        shed.add(name);
      }
    };
  }
}
