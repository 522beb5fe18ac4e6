package dev.modelgate.bench;

import java.util.function.ToDoubleFunction;

/** A figure that every round has. */
public enum Figure {
  CPU("CPU per check", "us", true, Round::cpuMicros),
  RATE("checks per second", "/s", false, Round::rate),
  P50("p50", "us", true, Round::p50Micros),
  P99("p99", "us", true, Round::p99Micros);

  private final String words;
  private final String unit;
  private final boolean atMost;
  private final ToDoubleFunction<Round> of;

  Figure(String words, String unit, boolean atMost, ToDoubleFunction<Round> of) {
    this.words = words;
    this.unit = unit;
    this.atMost = atMost;
    this.of = of;
  }

  /** As the table calls it. */
  public String words() {
    return words;
  }

  String unit() {
    return unit;
  }

  /** Whether less is better. */
  boolean atMost() {
    return atMost;
  }

  double of(Round round) {
    return of.applyAsDouble(round);
  }
}
