package dev.modelgate.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.modelgate.bench.peers.HotSet;
import dev.modelgate.bench.peers.Library;
import dev.modelgate.bench.peers.Peers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/**
 * Decision points that are libraries, asked about the hot set by one thread of this process,
 * without a network: for scale, and to their advantage.
 */
final class LibrariesCase implements Case {
  private static final List<String> TALKATIVE = List.of("org.casbin", "com.fizzed");
  private static final long SLICE_NANOS = 300_000_000;
  private static final int WARM_UP_SLICES = 5;

  @Override
  public String name() {
    return "libraries";
  }

  @Override
  public String summary() {
    return "the hot pairs asked of jCasbin and Cedar in this process";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    for (String name : TALKATIVE) {
      ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.WARN);
    }
    HotSet hot = PeerCase.answered(stage.crowd());
    for (Map.Entry<String, Function<HotSet, Library>> each : Peers.libraries().entrySet()) {
      String name = each.getKey() + ", a library";
      try {
        stage.add(row(name, each.getValue().apply(hot), hot, stage.settings().rounds()));
      } catch (LinkageError e) { // Cedar brings native code, not for every platform.
        stage.add(Row.absent(name, e.toString()));
      }
    }
  }

  private static Row row(String name, Library library, HotSet hot, int rounds) {
    long different =
        hot.pairs().stream().filter(pair -> library.allows(pair) != pair.allowed()).count();
    if (different > 0) {
      return Row.absent(name, different + " of " + hot.pairs().size() + " answers differ");
    }
    double[] micros = new double[rounds];
    for (int slice = -WARM_UP_SLICES; slice < rounds; slice++) {
      double cost = slice(library, hot);
      if (slice >= 0) {
        micros[slice] = cost;
      }
    }
    return Row.figure(
        name + ": " + Figure.CPU.words(), 1, Medians.median(micros), "us", true, Target.NONE);
  }

  /** The CPU time of this thread per decision, in microseconds. */
  private static double slice(Library library, HotSet hot) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long until = System.nanoTime() + SLICE_NANOS;
    long begin = threads.getCurrentThreadCpuTime();
    int asked = 0;
    int allowed = 0;
    while (System.nanoTime() < until) {
      allowed += library.allows(hot.pairs().get(asked % hot.pairs().size())) ? 1 : 0;
      asked++;
    }
    long spent = threads.getCurrentThreadCpuTime() - begin;
    if (asked > 1 && allowed == 0) {
      throw new IllegalStateException("allows nothing of " + asked);
    }
    return spent / 1e3 / asked;
  }
}
