package dev.modelgate.app.state;

import dev.modelgate.model.Uid;

/**
 * What is remembered of a caller.
 *
 * @param granted on which resources the caller has grants by itself, as far as that is known
 */
record Caller(Subject subject, Granted granted) {
  /** Whether the caller is that account, and not one of the sets that it is in. */
  boolean is(Uid account) {
    return !account.isSet() && account.equals(subject.accounts().get(0));
  }

  /** The same with other knowledge of its grants. */
  Caller with(Granted other) {
    return new Caller(subject, other);
  }
}
