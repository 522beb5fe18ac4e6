package dev.modelgate.http;

import dev.modelgate.app.identity.Asking;
import java.security.cert.X509Certificate;
import java.util.List;

/** Says what a proxy may ask. Thread-safe, and never blocks. */
public interface ForwardCallers {
  /**
   * What it may ask.
   *
   * @param certificates its own first, as the transport has verified them; empty for none
   * @throws dev.modelgate.model.RefusedException when it may not ask at all
   */
  Asking asking(List<X509Certificate> certificates);
}
