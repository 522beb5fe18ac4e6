package dev.modelgate.bench;

import java.io.IOException;

/** More pairs than the processor's caches hold, all of them answered from the cache. */
final class WideCase implements Case {
  @Override
  public String name() {
    return "wide";
  }

  @Override
  public String summary() {
    return "Check over 150,000 cached pairs, a cache of 192 MiB; 64 in flight";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    BenchServer server = stage.crowd();
    Subject check = server.subject(CallKinds.WIDE, Questions.WIDE);
    stage.warmUp(check, 64, 4L * Crowd.WIDE_USERS * Crowd.WIDE_MODELS);
    BenchServer.Hits before = server.hits(CallKinds.WIDE);
    Pairs pairs = stage.pairs(check.echo(), check, 64);
    double hits = server.hits(CallKinds.WIDE).since(before).percent();
    stage.add(pairs.row("150,000 pairs", Figure.CPU, Target.ratio(1.40, 1.15)));
    stage.add(pairs.row("150,000 pairs", Figure.RATE, Target.NONE));
    stage.add(Row.figure("150,000 pairs: hit ratio", 64, hits, "%", false, Target.NONE));
  }
}
