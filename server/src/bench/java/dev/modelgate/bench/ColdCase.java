package dev.modelgate.bench;

import java.io.IOException;

/** Questions of which hardly one was asked before. */
final class ColdCase implements Case {
  @Override
  public String name() {
    return "cold";
  }

  @Override
  public String summary() {
    return "Check over 20 million pairs, a cache of 4 MiB and none at all; 64 in flight";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    Subject cold = stage.crowd().subject(CallKinds.COLD, Questions.ANYWHERE);
    Pairs small = stage.pairs(cold.echo(), cold, 64);
    stage.add(small.row("misses only, cache of 4 MiB", Figure.CPU, Target.NONE));
    Subject uncached = cold.asked(CallKinds.UNCACHED, Questions.ANYWHERE);
    Pairs none = stage.pairs(uncached.echo(), uncached, 64);
    stage.add(none.row("misses only, no cache", Figure.CPU, Target.NONE));
  }
}
