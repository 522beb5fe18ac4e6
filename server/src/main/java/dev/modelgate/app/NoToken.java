package dev.modelgate.app;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;

/** No token: nobody is the system administrator by one. */
final class NoToken implements AdminToken {
  @Override
  public boolean is(String token) {
    return false;
  }

  @Override
  public Standing standing() {
    return Standing.ALWAYS;
  }

  @Override
  public boolean isDisabled() {
    return true;
  }

  @Override
  public String rotate() {
    throw Refusal.of(Fault.STORE_UNAVAILABLE, "there is no file for an admin token").asException();
  }

  @Override
  public void disable() {}
}
