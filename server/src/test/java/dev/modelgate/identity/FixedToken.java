package dev.modelgate.identity;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.Standing;

/** An admin token that stays. */
final class FixedToken implements AdminToken {
  private final String token;

  FixedToken(String token) {
    this.token = token;
  }

  @Override
  public boolean is(String shown) {
    return shown.equals(token);
  }

  @Override
  public Standing standing() {
    return Standing.ALWAYS;
  }

  @Override
  public boolean isDisabled() {
    return false;
  }

  @Override
  public String rotate() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void disable() {
    throw new UnsupportedOperationException();
  }
}
