package dev.modelgate.http;

import dev.modelgate.app.identity.Asking;
import dev.modelgate.model.Refusal;
import java.security.cert.X509Certificate;
import java.util.List;

/** Says who a proxy is, and hears which were refused. Thread-safe, and never blocks. */
public interface ForwardCallers {
  /**
   * A proxy.
   *
   * @param credential what it was authenticated by, {@code none} for nothing
   * @param asking what it may ask
   */
  record Proxy(String credential, Asking asking) {}

  /**
   * Who a proxy is.
   *
   * @param certificates its own first, as the transport has verified them; empty for none
   * @throws dev.modelgate.model.RefusedException when it may not ask at all
   */
  Proxy proxy(List<X509Certificate> certificates);

  /**
   * A proxy was refused: it is nobody who may ask, or may not ask that.
   *
   * @param credential empty when it is nobody
   * @param peer its address, for people
   */
  void refused(String credential, String peer, Refusal refusal);
}
