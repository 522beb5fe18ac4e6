package dev.modelgate.bench;

import java.io.IOException;

/** Questions that the cache cannot answer. */
final class MissCase implements Case {
  private static final int WARM_UPS = 4;

  @Override
  public String name() {
    return "misses";
  }

  @Override
  public String summary() {
    return "Check with 90 % misses, the cache of 32 MiB as it comes; 64 in flight";
  }

  @Override
  public Form form() {
    return Form.SHORT;
  }

  @Override
  public void run(Stage stage) throws IOException {
    BenchServer server = stage.crowd();
    Subject check = server.subject(CallKinds.CHECK, Questions.MISSES);
    // One by one it would take half a minute until the evaluation is compiled and what many
    // questions have in common is remembered.
    stage.warmUp(
        check.asked(CallKinds.BATCH, Questions.MISSES),
        BatchCase.IN_FLIGHT,
        WARM_UPS * stage.settings().warmUpCalls());
    BenchServer.Hits before = server.hits(CallKinds.CHECK);
    Pairs pairs = stage.pairs(check.echo(), check, 64);
    BenchServer.Hits hits = server.hits(CallKinds.CHECK).since(before);
    stage.add(pairs.row("90 % misses", Figure.CPU, Target.ratio(2.0, 1.5)));
    stage.add(pairs.row("90 % misses", Figure.RATE, Target.NONE));
    stage.add(pairs.row("90 % misses", Figure.P50, Target.NONE));
    stage.add(Row.figure("90 % misses: hit ratio", 64, hits.percent(), "%", false, Target.NONE));
  }
}
