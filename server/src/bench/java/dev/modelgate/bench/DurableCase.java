package dev.modelgate.bench;

import dev.modelgate.app.sharing.Command;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * Grants made durable one by one by 64 writers, each waiting for its own, beside as many writers of
 * RocksDB's own synced puts on the same disk. Both without the network, in this process.
 */
final class DurableCase implements Case {
  private static final long WARM_UP_SECONDS_MAX = 20;
  private static final int WRITERS = 64;

  /** The bytes of a put: about what one grant adds to log and index. */
  private static final int PUT_BYTES = 300;

  @Override
  public String name() {
    return "durable";
  }

  @Override
  public String summary() {
    return "durable grants by 64 writers in 64 organizations and in one, against synced puts";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  /** Writes once, durably. */
  private interface Write {
    void write(int writer, long number) throws Exception;
  }

  @Override
  public void run(Stage stage) throws Exception {
    Path directory = stage.directory("puts");
    try (BenchServer server = new BenchServer(stage.directory("durable"), new Crowd(0));
        Options options = new Options().setCreateIfMissing(true);
        WriteOptions synced = new WriteOptions().setSync(true);
        RocksDB raw = RocksDB.open(options, directory.toString())) {
      for (int writer = 0; writer < WRITERS; writer++) {
        organization(server, organization(writer));
      }
      Writers puts = new Writers((writer, number) -> put(raw, synced, writer, number));
      compare(
          stage, "durable grants, 64 organizations", puts, Target.ratio(0.4, 0.9), server, true);
      compare(
          stage, "durable grants, one organization", puts, Target.ratio(0.3, 0.8), server, false);
    }
  }

  private static void compare(
      Stage stage, String name, Writers puts, Target target, BenchServer server, boolean many)
      throws Exception {
    Writers grants =
        new Writers(
            (writer, number) -> {
              String organization = organization(many ? writer : 0);
              server
                  .commit(
                      organization,
                      Filling.give(
                          number % 2 == 0,
                          model(organization, writer),
                          "user:w" + number / 2 % 1_000))
                  .toCompletableFuture()
                  .get();
            });
    long millis = stage.settings().millis();
    // The compiler would have most of the two cores for the first ten seconds.
    warmUp(puts, stage.settings());
    warmUp(grants, stage.settings());
    List<Round> references = new ArrayList<>();
    List<Round> others = new ArrayList<>();
    for (int i = 0; i < stage.settings().rounds(); i++) {
      references.add(round(puts, millis));
      others.add(round(grants, millis));
    }
    Pairs pairs = new Pairs(WRITERS, references, others);
    stage.add(pairs.row(name + ", against synced puts", Figure.RATE, target));
    stage.add(pairs.row(name + ", against synced puts", Figure.P50, Target.NONE));
  }

  /** Until as many are written as a quarter of the calls that warm up others, or for 20 s. */
  private static void warmUp(Writers writers, Settings settings) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS_MAX);
    for (long made = 0; made < settings.warmUpCalls() / 4 && System.nanoTime() < until; ) {
      made += round(writers, settings.millis()).checks();
    }
  }

  /** All writers, each one write after the other; as long as it takes to end the last ones. */
  private static Round round(Writers writers, long millis) throws InterruptedException {
    long busy = MachineCpu.busyNanos() - MachineCpu.ofProcess(ProcessHandle.current());
    long cpu = ServerCpu.nanos();
    Histogram latencies = new ConcurrentHistogram(TimeUnit.SECONDS.toNanos(60), 3);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(WRITERS);
    long start = System.nanoTime();
    long until = start + TimeUnit.MILLISECONDS.toNanos(millis);
    for (int i = 0; i < WRITERS; i++) {
      int writer = i;
      new Thread(
              () -> {
                try {
                  for (long begin = System.nanoTime(); begin < until; ) {
                    writers.next(writer);
                    long now = System.nanoTime();
                    latencies.recordValue(now - begin);
                    begin = now;
                  }
                } catch (Exception e) {
                  failure.set(e);
                } finally {
                  ended.countDown();
                }
              })
          .start();
    }
    ended.await();
    double nanos = System.nanoTime() - start;
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a write failed", failed);
    }
    long writes = latencies.getTotalCount();
    return new Round(
        writes,
        0,
        nanos / 1e9,
        latencies.getValueAtPercentile(50) / 1e3,
        latencies.getValueAtPercentile(99) / 1e3,
        (ServerCpu.nanos() - cpu) / 1e3 / writes,
        (MachineCpu.busyNanos() - MachineCpu.ofProcess(ProcessHandle.current()) - busy) / nanos);
  }

  /** What each writer has written goes on from round to round. */
  private static final class Writers {
    private final Write write;
    private final AtomicLongArray written = new AtomicLongArray(WRITERS);

    Writers(Write write) {
      this.write = write;
    }

    void next(int writer) throws Exception {
      write.write(writer, written.getAndIncrement(writer));
    }
  }

  private static void put(RocksDB raw, WriteOptions synced, int writer, long number)
      throws RocksDBException {
    byte[] key = (writer + "/" + number % 2_000).getBytes(StandardCharsets.UTF_8);
    raw.put(synced, key, new byte[PUT_BYTES]);
  }

  private static String organization(int writer) {
    return "writes" + writer;
  }

  private static String model(String organization, int writer) {
    return "organizations/" + organization + "/environments/prod/models/w" + writer;
  }

  /** One with a model for each writer. */
  private static void organization(BenchServer server, String id) throws Exception {
    server.commit("system", new Command.RegisterOrganization(id)).toCompletableFuture().get();
    server
        .commit(id, new Command.InitializeOrganization(id, "", "modelgate", Optional.empty()))
        .toCompletableFuture()
        .get();
    String environment = "organizations/" + id + "/environments/prod";
    server.commit(id, Filling.create(environment)).toCompletableFuture().get();
    for (int writer = 0; writer < WRITERS; writer++) {
      server.commit(id, Filling.create(model(id, writer))).toCompletableFuture().get();
    }
  }
}
