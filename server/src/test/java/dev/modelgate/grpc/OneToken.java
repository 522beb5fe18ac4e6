package dev.modelgate.grpc;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.Standing;

/** An admin token without a file: each rotation appends a letter. */
final class OneToken implements AdminToken {
  private volatile String token;

  OneToken(String token) {
    this.token = token;
  }

  @Override
  public boolean is(String shown) {
    return !isDisabled() && shown.equals(token);
  }

  @Override
  public Standing standing() {
    String seen = token;
    return () -> seen.equals(token);
  }

  @Override
  public boolean isDisabled() {
    return token.isEmpty();
  }

  @Override
  public synchronized String rotate() {
    String next = token + "x";
    token = next;
    return next;
  }

  @Override
  public synchronized void disable() {
    token = "";
  }
}
