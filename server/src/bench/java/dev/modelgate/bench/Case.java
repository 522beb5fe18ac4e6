package dev.modelgate.bench;

/** A part of the benchmark that runs alone or with others, and adds rows to the table. */
public interface Case {
  /** Its name for {@code --only}, in kebab case. */
  String name();

  /** What it measures, in one line for {@code --list}. */
  String summary();

  /** The least form that it belongs to. */
  Form form();

  /**
   * Measures, and adds its rows to the stage; what cannot run here adds {@link Row#absent}.
   *
   * @throws Exception if the case is broken; the other cases go on, the benchmark fails in the end
   */
  void run(Stage stage) throws Exception;

  /** How much of the benchmark runs. */
  enum Form {
    /** What a change is tried with: within three minutes on two cores. */
    SHORT,
    /** Everything that needs nothing but this machine: within an hour. Holds the short form. */
    FULL,
    /** Only by {@code --only}: takes longer, or fetches something. */
    ALONE
  }
}
