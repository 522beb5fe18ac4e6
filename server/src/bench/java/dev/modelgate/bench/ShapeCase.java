package dev.modelgate.bench;

import java.io.IOException;

/**
 * Questions about rights of a certain shape, every one of which is allowed: as they come with the
 * cache as it comes, and each read from the store without any cache.
 *
 * @param micros the target of half of the questions as they come, one after the other, in
 *     microseconds
 */
record ShapeCase(Shape shape, String questions, String name, Target micros) implements Case {
  /** Rights of that shape. */
  interface Shape extends Scene {
    /** In one line. */
    String summary();
  }

  @Override
  public String summary() {
    return shape.summary() + "; as it comes, and without any cache";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    BenchServer server = stage.server(shape);
    Subject check = server.subject(CallKinds.CHECK, questions);
    Pairs one = stage.pairs(check.echo(), check, 1);
    // A target is of questions that hardly anybody has asked before; the shape sees to that.
    String row = micros.equals(Target.NONE) ? name : name + ", cold";
    stage.add(one.row(row, Figure.P50, micros));
    Pairs many = stage.pairs(check.echo(), check, 64);
    stage.add(many.row(row, Figure.CPU, Target.NONE));
    Subject uncached = server.subject(CallKinds.UNCACHED, questions);
    Pairs none = stage.pairs(uncached.echo(), uncached, 1);
    stage.add(none.row(name + ", without any cache", Figure.P50, Target.NONE));
    for (Pairs each : new Pairs[] {one, many, none}) {
      for (Round round : each.others()) {
        if (round.allowed() != round.checks()) {
          throw new IllegalStateException("not every question was allowed: " + round);
        }
      }
    }
    stage.leave(shape);
  }
}
