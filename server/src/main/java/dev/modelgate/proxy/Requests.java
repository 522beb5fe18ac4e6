package dev.modelgate.proxy;

import dev.modelgate.client.protect.HttpRequest;
import dev.modelgate.client.protect.MethodRule;
import dev.modelgate.client.protect.Outcome;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.proxy.ProxiedRequest.Body;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What requests at proxies ask for, by the protection document.
 *
 * <p>Invariant: a body is read only when it is all there, and a gRPC call only when it is one
 * message (hazard 38): what is checked is all that the server gets.
 */
final class Requests {
  private final Protection protection;

  Requests(Protection protection) {
    this.protection = protection;
  }

  /** What a request asks for; never {@link Outcome.NeedsBody} nor {@link Outcome.Listing}. */
  Outcome read(ProxiedRequest request) {
    Outcome outcome = request.isGrpc() ? grpc(request) : http(request);
    // The response does not come by here.
    return outcome instanceof Outcome.Listing
        ? new Outcome.Unmapped("a list that this way cannot filter")
        : outcome;
  }

  /** The rules that read the body. */
  List<String> beyondTheHead() {
    return protection.httpRulesOfTheBody();
  }

  private Outcome http(ProxiedRequest request) {
    HttpRequest head = head(request);
    Outcome outcome = protection.http(head);
    if (!(outcome instanceof Outcome.NeedsBody)) {
      return outcome;
    }
    return ofBody(request.body(), bytes -> protection.http(head, bytes, true));
  }

  private Outcome grpc(ProxiedRequest request) {
    List<String> types = request.all("content-type");
    // The rules of headers and raw paths hold for it as for every request.
    Outcome asHttp = protection.http(head(request));
    if (asHttp instanceof Outcome.Malformed) {
      return asHttp;
    }
    if (types.size() != 1 || !GrpcBody.isProtobuf(types.get(0))) {
      return new Outcome.Malformed("a call in another encoding than Protobuf");
    }
    if (!request.method().equals("POST") || !request.target().startsWith("/")) {
      return new Outcome.Malformed("a call that is no POST");
    }
    Optional<MethodRule> rule = protection.method(request.target().substring(1));
    if (rule.isEmpty()) {
      return new Outcome.Unmapped("no rule for this method");
    }
    if (rule.get().isOpen()) {
      return new Outcome.Open();
    }
    return ofBody(request.body(), bytes -> message(rule.get(), bytes));
  }

  private static Outcome message(MethodRule rule, byte[] body) {
    try {
      return rule.read(GrpcBody.message(body));
    } catch (IllegalArgumentException e) {
      return new Outcome.Malformed(String.valueOf(e.getMessage()));
    }
  }

  private static Outcome ofBody(Body body, Function<byte[], Outcome> reader) {
    if (body instanceof Body.Whole whole) {
      return reader.apply(whole.bytes());
    }
    return body instanceof Body.Partial partial
        ? new Outcome.Malformed(partial.why())
        : new Outcome.Unmapped(((Body.Unseen) body).why());
  }

  private static HttpRequest head(ProxiedRequest request) {
    return new HttpRequest(request.method(), request.target(), request.headers());
  }
}
