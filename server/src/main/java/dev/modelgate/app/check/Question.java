package dev.modelgate.app.check;

import java.util.List;

/**
 * One check as it was asked: names are raw texts, which are parsed and validated only when the
 * cache does not have them.
 *
 * @param principal the caller: {@code user:ana@acme.com}
 * @param model the resource, full or relative to the default parent
 * @param action what the caller wants to do
 * @param actingThrough the service accounts or apps in between, outermost last; all must be
 *     allowed; at most {@value #LINKS_MAX}
 * @param consistency how current the answer must be
 * @param request what it brings along
 */
public record Question(
    String principal,
    String model,
    String action,
    List<String> actingThrough,
    Consistency consistency,
    Request request) {
  /** The longest chain of links, the principal itself apart. */
  public static final int LINKS_MAX = 8;

  /** Copies the list. */
  public Question {
    actingThrough = List.copyOf(actingThrough);
  }

  /** One that brings nothing along. */
  public Question(
      String principal,
      String model,
      String action,
      List<String> actingThrough,
      Consistency consistency) {
    this(principal, model, action, actingThrough, consistency, Request.EMPTY);
  }

  /** What is asked when the same question is asked again at that time. */
  Question at(long nowMicros) {
    Request then = request.at(nowMicros);
    return then.equals(request)
        ? this
        : new Question(principal, model, action, actingThrough, consistency, then);
  }
}
