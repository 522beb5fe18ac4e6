package dev.modelgate.bench.peers;

import java.io.Serial;

/** A peer cannot be measured here; the message says why, for the table. */
public final class AbsentException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  AbsentException(String why) {
    super(why);
  }

  /** The reason. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
