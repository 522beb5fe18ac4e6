package dev.modelgate.proxy;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;

/**
 * A request that arrived at a proxy, as the proxy tells of it.
 *
 * @param method such as {@code POST}
 * @param target its path and query as they go upstream, not decoded
 * @param headers values by lower-case name, one per line of the request
 * @param body what the proxy has of the body
 * @param certificates the client's own certificate first, as the proxy has verified it; empty when
 *     he showed none
 * @param peer the name that the proxy has read in it, when it passes no more than that; or empty
 * @param isOfLocalHop whether whoever set the headers is known to be on this machine
 */
public record ProxiedRequest(
    String method,
    String target,
    Map<String, List<String>> headers,
    Body body,
    List<X509Certificate> certificates,
    String peer,
    boolean isOfLocalHop) {
  /** Copies the collections. */
  public ProxiedRequest {
    headers = Map.copyOf(headers);
    certificates = List.copyOf(certificates);
  }

  /** Whether it is a gRPC call, in whatever encoding. */
  boolean isGrpc() {
    return all("content-type").stream().anyMatch(GrpcBody::isGrpc);
  }

  /** The values of a header, by its name in lower case. */
  List<String> all(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /** What a proxy has of a body. */
  public sealed interface Body {
    /**
     * All of it.
     *
     * @param bytes not to be changed
     */
    @SuppressWarnings(
        "ArrayRecordComponent") // Never compared; a copy of a megabyte is for nothing.
    record Whole(byte[] bytes) implements Body {}

    /**
     * Less than was sent (hazard 38).
     *
     * @param why for the message of the answer
     */
    record Partial(String why) implements Body {}

    /**
     * Nothing that goes upstream as it is, whatever was sent: the proxy does not pass it.
     *
     * @param why for the message of the answer
     */
    record Unseen(String why) implements Body {}
  }
}
