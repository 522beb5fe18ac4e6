package dev.modelgate.bench;

import java.io.IOException;

/** Hot pairs while others change the organization. */
final class ChurnCase implements Case {
  private static final int PER_SECOND = 100;

  @Override
  public String name() {
    return "churn";
  }

  @Override
  public String summary() {
    return "hot pairs while 100 unrelated, then 100 related mutations per second land";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    churn(stage, false, "100 unrelated changes/s", Target.value(99, 99.9));
    churn(stage, true, "100 related changes/s", Target.NONE);
  }

  private static void churn(Stage stage, boolean related, String name, Target target)
      throws IOException {
    BenchServer server = stage.crowd();
    Subject check = server.subject(CallKinds.CHECK, Questions.HOT);
    stage.warmUp(check, 64, stage.settings().warmUpCalls());
    long start = System.nanoTime();
    try (Mutations mutations = Mutations.start(server, related, PER_SECOND)) {
      BenchServer.Hits before = server.hits(CallKinds.CHECK);
      Pairs pairs = stage.pairs(check.echo(), check, 64);
      double hits = server.hits(CallKinds.CHECK).since(before).percent();
      double rate = mutations.made() * 1e9 / (System.nanoTime() - start);
      stage.add(Row.figure(name + ": hit ratio", 64, hits, "%", false, target));
      stage.add(Row.figure(name + ": changes made", 1, rate, "/s", false, Target.NONE));
      stage.add(pairs.row(name, Figure.CPU, Target.NONE));
      stage.add(pairs.row(name, Figure.P99, Target.NONE));
    }
  }
}
