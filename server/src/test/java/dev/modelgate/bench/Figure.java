package dev.modelgate.bench;

/** A figure that every round has. */
public enum Figure {
  CPU("CPU per check", "us", true),
  RATE("checks per second", "/s", false),
  P50("p50", "us", true),
  P99("p99", "us", true);

  private final String words;
  private final String unit;
  private final boolean atMost;

  Figure(String words, String unit, boolean atMost) {
    this.words = words;
    this.unit = unit;
    this.atMost = atMost;
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
    return switch (this) {
      case CPU -> round.cpuMicros();
      case RATE -> round.rate();
      case P50 -> round.p50Micros();
      case P99 -> round.p99Micros();
    };
  }
}
