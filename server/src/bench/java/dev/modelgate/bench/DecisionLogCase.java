package dev.modelgate.bench;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.LoggedAuthorizer;
import dev.modelgate.decisionlog.DecisionMask;
import dev.modelgate.decisionlog.FileDecisionLog;
import dev.modelgate.grpc.Authentication;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;

/** What the decision log costs checks that are cached, sampled and in full, against none. */
final class DecisionLogCase implements Case {
  private static final long FILE_BYTES = 64L << 20;
  private static final int FILES = 4;
  private static final int SAMPLED = 100;

  @Override
  public String name() {
    return "decision-log";
  }

  @Override
  public String summary() {
    return "Check over 4,096 cached pairs: no decision log against itself, against one at 1 %, in full";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    BenchServer server = stage.crowd();
    MonotoneClock clock = new MonotoneClock(Clock.systemUTC());
    DecisionMask mask = new DecisionMask(Set.of(), new byte[32]);
    try (FileDecisionLog log =
        new FileDecisionLog(stage.directory("decisions"), FILE_BYTES, FILES, mask)) {
      Subject none = server.beside(checks -> checks);
      compare(stage, "no decision log", none, server.beside(checks -> checks));
      for (int every : new int[] {SAMPLED, 1}) {
        Subject logged =
            server.beside(
                checks ->
                    new LoggedAuthorizer(
                        checks, log, every, Authentication::presentCredential, clock));
        compare(stage, "decision log, 1 in " + every, none, logged);
      }
      System.out.printf("# %d lines written, %d dropped%n", log.written(), log.dropped());
    }
  }

  private static void compare(Stage stage, String name, Subject none, Subject other)
      throws IOException {
    Pairs pairs = stage.pairs(none, other, 64);
    stage.add(pairs.row(name, Figure.CPU, Target.NONE));
    stage.add(pairs.row(name, Figure.RATE, Target.NONE));
    stage.add(pairs.row(name, Figure.P99, Target.NONE));
  }
}
