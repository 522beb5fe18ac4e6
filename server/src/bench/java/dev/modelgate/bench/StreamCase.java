package dev.modelgate.bench;

import java.io.IOException;

/** One stream of questions. */
final class StreamCase implements Case {
  private static final int IN_FLIGHT = 256;

  @Override
  public String name() {
    return "stream";
  }

  @Override
  public String summary() {
    return "StreamCheck over the hot pairs; 256 in flight on one stream";
  }

  @Override
  public Form form() {
    return Form.SHORT;
  }

  @Override
  public void run(Stage stage) throws IOException {
    Subject stream = stage.crowd().subject(CallKinds.STREAM, Questions.HOT);
    Pairs pairs = stage.pairs(stream.echo(), CallKinds.ECHOES, stream, IN_FLIGHT);
    stage.add(pairs.row("StreamCheck", Figure.CPU, Target.micros(2.5, 1.2)));
    stage.add(pairs.row("StreamCheck", Figure.RATE, Target.NONE));
    Pairs alike = stage.pairs(stream.echoed(), stream, IN_FLIGHT);
    stage.add(alike.row("StreamCheck against a stream of echoes", Figure.CPU, Target.NONE));
  }
}
