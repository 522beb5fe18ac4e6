package dev.modelgate.main;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.config.SettingException;
import dev.modelgate.proxy.Gate;
import java.nio.file.Path;
import java.util.Optional;

/** What answers proxies, when there is a protection document. */
final class Proxies {
  private Proxies() {}

  /**
   * What decides for proxies; empty without a protection document.
   *
   * @throws SettingException naming the place in the document
   */
  static Optional<Gate> gate(
      ProxyOptions options,
      Authorizer authorizer,
      Authenticator authenticator,
      MonotoneClock clock) {
    Path file = options.protectFile;
    return file == null
        ? Optional.empty()
        : Optional.of(Gate.of(ProxyOptions.read(file), file, authorizer, authenticator, clock));
  }
}
