package dev.modelgate.bench;

import java.io.IOException;

/**
 * Questions about rights of a certain shape, every one of which is allowed: cold, each read from
 * the store without any cache, and from the cache.
 *
 * @param coldMicros the target of half of the cold questions, one after the other, in microseconds
 */
record ShapeCase(Shape shape, String questions, String name, Target coldMicros) implements Case {
  /** Rights of that shape. */
  interface Shape extends Scene {
    /** In one line. */
    String summary();
  }

  @Override
  public String summary() {
    return shape.summary() + "; cold and hot";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    BenchServer server = stage.server(shape);
    Subject cold = server.subject(CallKinds.UNCACHED, questions);
    Subject hot = server.subject(CallKinds.CHECK, questions);
    Pairs one = stage.pairs(cold.echo(), cold, 1);
    stage.add(one.row(name + ", cold", Figure.P50, coldMicros));
    stage.add(one.row(name + ", cold", Figure.CPU, Target.NONE));
    Pairs many = stage.pairs(cold.echo(), cold, 64);
    stage.add(many.row(name + ", cold", Figure.CPU, Target.NONE));
    Pairs cached = stage.pairs(hot.echo(), hot, 64);
    stage.add(cached.row(name + ", as it comes", Figure.CPU, Target.NONE));
    for (Pairs each : new Pairs[] {one, many, cached}) {
      for (Round round : each.others()) {
        if (round.allowed() != round.checks()) {
          throw new IllegalStateException("not every question was allowed: " + round);
        }
      }
    }
    stage.leave(shape);
  }
}
