package dev.modelgate.client.cli;

/** How a result is printed. */
enum OutputFormat {
  /** Lines for people; not for parsing. */
  TABLE,
  /** One JSON object in the names of the contract, for programs. */
  JSON
}
