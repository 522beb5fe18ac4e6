package dev.modelgate.bench;

import java.util.List;
import java.util.stream.Stream;

/**
 * Rounds of a reference and of something else that ran at alternating times, as many of each.
 *
 * @param inFlight calls in flight
 * @param references the rounds of the reference, two at least
 * @param others the rounds that are compared, each with the reference of the same index
 */
public record Pairs(int inFlight, List<Round> references, List<Round> others) {
  /** More cores that others use make a figure too noisy. */
  static final double FOREIGN_CORES_MAX = 0.25;

  /** Refuses what is not in pairs. */
  public Pairs {
    references = List.copyOf(references);
    others = List.copyOf(others);
    if (references.size() != others.size() || references.size() < 2) {
      throw new IllegalArgumentException(
          "`%d` references, `%d` others (expected: as many, 2 or more)"
              .formatted(references.size(), others.size()));
    }
  }

  /** The row of a figure, named {@code <name>: <figure>}. */
  public Row row(String name, Figure figure, Target target) {
    return new Row(
        name + ": " + figure.words(),
        inFlight,
        median(others, figure),
        figure.unit(),
        median(references, figure),
        ratio(figure),
        best(others, figure) / best(references, figure),
        control(figure),
        target,
        figure.atMost(),
        foreignCores() > FOREIGN_CORES_MAX ? Row.NOISY : "");
  }

  /** The median of the figure. */
  public double value(Figure figure) {
    return median(others, figure);
  }

  /** The median of the ratios of the pairs. */
  double ratio(Figure figure) {
    double[] ratios = new double[others.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.of(others.get(i)) / figure.of(references.get(i));
    }
    return Medians.median(ratios);
  }

  /**
   * The error of the control: how far the median ratio of two reference rounds, one after the
   * other, may be from 1.
   */
  double control(Figure figure) {
    double[] ratios = new double[references.size() - 1];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.of(references.get(i + 1)) / figure.of(references.get(i));
    }
    return Medians.error(ratios);
  }

  private double foreignCores() {
    return Medians.median(
        Stream.concat(references.stream(), others.stream())
            .mapToDouble(Round::foreignCores)
            .toArray());
  }

  private static double median(List<Round> rounds, Figure figure) {
    return Medians.median(rounds.stream().mapToDouble(figure::of).toArray());
  }

  private static double best(List<Round> rounds, Figure figure) {
    var figures = rounds.stream().mapToDouble(figure::of);
    return (figure.atMost() ? figures.min() : figures.max()).orElseThrow();
  }
}
