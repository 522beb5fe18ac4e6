package dev.modelgate.proxy;

/** A credential of a request that proves who asks. */
sealed interface Source {
  /**
   * A header with the name of a principal, which only the proxy sets.
   *
   * @param name in lower case
   */
  record Header(String name) implements Source {}

  /** The token in {@code authorization}, of an issuer that the sidecar trusts. */
  record Jwt() implements Source {}

  /** The client's certificate as the proxy has verified it, by the sidecar's rules. */
  record Certificate() implements Source {}
}
