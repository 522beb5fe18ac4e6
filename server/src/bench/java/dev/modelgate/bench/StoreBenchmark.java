package dev.modelgate.bench;

import dev.modelgate.app.state.Published;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Rows of a store that fits into memory, through a snapshot that is held all the time. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreBenchmark {
  /** The benchmarks' class holds no state itself: the store is one for all threads. */
  public StoreBenchmark() {}

  /** A snapshot, and what is asked of it. */
  @State(Scope.Benchmark)
  public static class Held {
    private final MicroStore store = new MicroStore();
    private final Published published = store.server().state().retain();
    private final OrgRows rows =
        published.rows(published.organization(Scene.ORGANIZATION).orElseThrow());
    private final String path = ResourceName.parse(Crowd.model(0)).relativePath();
    private final PrincipalName granted = PrincipalName.parse(Crowd.user(0));
    private final Uid model = rows.resource(path).orElseThrow().uid();
    private final Uid holder = rows.principal(granted).orElseThrow().uid();
    private final Uid nobody = Uid.of(Long.MAX_VALUE >>> 21, 0, false);

    /** Gives the snapshot back, and removes the store. */
    @TearDown
    public void close() throws Exception {
      published.release();
      store.close();
    }
  }

  /** The row of a pair that has a grant. */
  @Benchmark
  public Optional<GrantRow> grantThatIsThere(Held held) {
    return held.rows.grants(held.model, held.holder);
  }

  /** The row of a pair that has none: what the filter answers. */
  @Benchmark
  public Optional<GrantRow> grantThatIsNot(Held held) {
    return held.rows.grants(held.model, held.nobody);
  }

  /** A resource by its path. */
  @Benchmark
  public Optional<ResourceRow> resource(Held held) {
    return held.rows.resource(held.path);
  }

  /** A principal by its name. */
  @Benchmark
  public Optional<PrincipalRow> principal(Held held) {
    return held.rows.principal(held.granted);
  }

  /** Some forty grants of one model, one after the other. */
  @Benchmark
  public int grantsOfAModel(Held held) {
    int[] count = {0};
    held.rows.eachGrantOf(
        held.model,
        row -> {
          count[0] += row.grants().size();
          return true;
        });
    return count[0];
  }
}
