package dev.modelgate.bench;

import java.io.IOException;

/** The echo against itself: how far the ratios of this run can be trusted. */
final class ControlCase implements Case {
  @Override
  public String name() {
    return "control";
  }

  @Override
  public String summary() {
    return "the echo against itself";
  }

  @Override
  public Form form() {
    return Form.SHORT;
  }

  @Override
  public void run(Stage stage) throws IOException {
    Subject echo = stage.crowd().subject(CallKinds.CHECK, Questions.HOT).echo();
    Pairs pairs = stage.pairs(echo, echo, 64);
    stage.add(pairs.row("echo against echo", Figure.CPU, Target.NONE));
    stage.add(pairs.row("echo against echo", Figure.RATE, Target.NONE));
  }
}
