package dev.modelgate.bench;

import java.io.IOException;

/** Pairs that are asked over and over and are all cached. */
final class HotCase implements Case {
  @Override
  public String name() {
    return "hot";
  }

  @Override
  public String summary() {
    return "Check over 4,096 cached pairs; 64, 8 and 1 in flight";
  }

  @Override
  public Form form() {
    return Form.SHORT;
  }

  @Override
  public void run(Stage stage) throws IOException {
    Subject check = stage.crowd().subject(CallKinds.CHECK, Questions.HOT);
    Pairs many = stage.pairs(check.echo(), check, 64);
    stage.add(many.row(name(), Figure.CPU, Target.ratio(1.25, 1.00)));
    stage.add(many.row(name(), Figure.RATE, Target.ratio(0.80, 0.95)));
    stage.add(many.row(name(), Figure.P99, Target.NONE));
    Pairs few = stage.pairs(check.echo(), check, 8);
    stage.add(few.row(name(), Figure.CPU, Target.NONE));
    stage.add(few.row(name(), Figure.P99, Target.ratio(1.5, 1.15)));
    Pairs one = stage.pairs(check.echo(), check, 1);
    stage.add(one.row(name(), Figure.CPU, Target.NONE));
    stage.add(one.row(name(), Figure.P50, Target.NONE));
  }
}
