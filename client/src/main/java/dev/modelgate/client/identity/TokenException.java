package dev.modelgate.client.identity;

import java.util.Locale;

/** A token is refused. It says why, and nothing of the token. */
public final class TokenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final TokenProblem problem;

  TokenException(TokenProblem problem) {
    // Without a stack trace, for whoever sends bad tokens decides how many there are.
    super("token: " + problem.name().toLowerCase(Locale.ROOT), null, false, false);
    this.problem = problem;
  }

  /** Why. */
  public TokenProblem problem() {
    return problem;
  }
}
