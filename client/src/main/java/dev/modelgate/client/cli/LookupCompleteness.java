package dev.modelgate.client.cli;

/** What people are told of a list that is not exact. */
final class LookupCompleteness {
  private LookupCompleteness() {}

  /**
   * Says on standard error that a list which was read to its end may lack something; JSON says so
   * itself.
   *
   * @param nextToken of the last page read
   * @param complete as the last page says
   */
  static void warn(CommonOptions common, String nextToken, boolean complete) {
    if (!common.json() && nextToken.isEmpty() && !complete) {
      common
          .err()
          .println(
              "not complete: something changed between pages, or is not shown to you; ask again");
      common.err().flush();
    }
  }
}
