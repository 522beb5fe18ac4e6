package dev.modelgate.bench;

import java.io.IOException;

/** A hundred questions in a call. */
final class BatchCase implements Case {
  static final int IN_FLIGHT = 8;

  @Override
  public String name() {
    return "batch";
  }

  @Override
  public String summary() {
    return "BatchCheck of 100 over the hot pairs; 8 batches in flight";
  }

  @Override
  public Form form() {
    return Form.SHORT;
  }

  @Override
  public void run(Stage stage) throws IOException {
    Subject batch = stage.crowd().subject(CallKinds.BATCH, Questions.HOT);
    Pairs pairs = stage.pairs(batch.echo(), CallKinds.ECHOES, batch, IN_FLIGHT);
    stage.add(pairs.row("BatchCheck", Figure.CPU, Target.micros(1.0, 0.4)));
    stage.add(pairs.row("BatchCheck", Figure.RATE, Target.NONE));
    Pairs alike = stage.pairs(batch.echoed(), batch, IN_FLIGHT);
    stage.add(alike.row("BatchCheck against a batch of echoes", Figure.CPU, Target.NONE));
  }
}
