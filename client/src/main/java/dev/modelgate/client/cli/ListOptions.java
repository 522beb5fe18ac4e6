package dev.modelgate.client.cli;

import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.grpc.StatusException;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How much a list shows, and the walk over its pages up to there. */
final class ListOptions {
  private static final int PAGE_MAX = 1_000;
  private static final int LIMIT_MAX = 100_000;

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      defaultValue = "1000",
      description = "How many to list at most, 1 to 100000. Default: ${DEFAULT-VALUE}.")
  private int limit = 1_000;

  /**
   * What the walk needs to know of a page.
   *
   * @param count how many of the list it has
   * @param nextToken for the next page, or empty
   */
  record Page(int count, String nextToken) {}

  /** Reads one page and keeps what is in it. */
  @FunctionalInterface
  interface Reader {
    /**
     * Sends the request and waits for the answer.
     *
     * @param size how many to ask for, 1 to 1,000
     * @param token of the page before, or empty
     */
    Page read(int size, String token) throws StatusException;
  }

  /**
   * Reads pages until the last one or the limit.
   *
   * @return the token of the page that would be next, or empty after the last
   * @throws ParameterException if the limit is out of range
   * @throws CliException if the server gives a token twice
   */
  String walk(CommonOptions common, Reader reader) throws StatusException {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new ParameterException(
          common.spec().commandLine(), "--limit: `" + limit + "` (expected: 1.." + LIMIT_MAX + ")");
    }
    String token = "";
    int left = limit;
    do {
      Page page = reader.read(Math.min(PAGE_MAX, left), token);
      if (!page.nextToken().isEmpty() && page.nextToken().equals(token)) {
        throw new CliException("the server sent the same page token twice");
      }
      token = page.nextToken();
      left -= page.count();
    } while (!token.isEmpty() && left > 0);
    return token;
  }

  /**
   * Prints a list, and on standard error that there is more.
   *
   * @param things what is listed, in the plural
   * @param nextToken as {@link #walk} returned it
   */
  void print(
      CommonOptions common,
      MessageOrBuilder all,
      TextTable table,
      String things,
      String nextToken) {
    common.print(common.json() ? Json.pretty(all) : table.toString());
    if (!common.json()) {
      reportMore(common, things, nextToken);
    }
  }

  /** Says on standard error that there is more, when there is. */
  void reportMore(CommonOptions common, String things, String nextToken) {
    if (!nextToken.isEmpty()) {
      common.err().println("more than " + limit + " " + things + "; see --limit");
      common.err().flush();
    }
  }

  /** A time as tables show it. */
  static String time(Timestamp time) {
    return Timestamps.isValid(time) ? Timestamps.toString(time) : "invalid";
  }
}
