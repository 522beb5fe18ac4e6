package dev.modelgate.main;

import com.google.protobuf.ByteString;
import dev.modelgate.envoy.v3.AttributeContext;
import dev.modelgate.envoy.v3.AttributeContext.HttpRequest;
import dev.modelgate.envoy.v3.AttributeContext.Peer;
import dev.modelgate.envoy.v3.CheckRequest;
import dev.modelgate.envoy.v3.HeaderMap;
import dev.modelgate.envoy.v3.HeaderValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What an Envoy asks about one request: headers one by one, the body whole, unless told otherwise.
 */
final class EnvoyRequest {
  private final HttpRequest.Builder http = HttpRequest.newBuilder().setSize(-1);
  private final HeaderMap.Builder headers = HeaderMap.newBuilder();
  private String certificate = "";
  private String peer = "";

  private EnvoyRequest(String method, String path) {
    http.setMethod(method).setPath(path);
    header(":method", method).header(":path", path).header(":authority", "models.test");
  }

  static EnvoyRequest of(String method, String path) {
    return new EnvoyRequest(method, path);
  }

  /** One whose body is JSON and all there. */
  static EnvoyRequest json(String path, String body) {
    return of("POST", path).header("content-type", "application/json").whole(body);
  }

  /** A gRPC call with those bytes as its body. */
  static EnvoyRequest grpc(String method, byte[] body) {
    return of("POST", "/" + method).header("content-type", "application/grpc").whole(body);
  }

  /** One message as gRPC frames it. */
  static byte[] framed(int flag, byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) flag)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** A message whose first field is that text, as the Open Inference Protocol names a model. */
  static byte[] naming(String model) {
    byte[] text = model.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length)
        .put((byte) 10)
        .put((byte) text.length)
        .put(text)
        .array();
  }

  EnvoyRequest as(String principal) {
    return header("x-user", principal);
  }

  EnvoyRequest header(String name, String value) {
    headers.addHeaders(
        HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)));
    return this;
  }

  EnvoyRequest rawHeader(String name, byte... value) {
    headers.addHeaders(
        HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFrom(value)));
    return this;
  }

  /** A header as Envoy passes it without {@code encode_raw_headers}. */
  EnvoyRequest joinedHeader(String name, String value) {
    http.putHeaders(name, value);
    return this;
  }

  EnvoyRequest body(byte... bytes) {
    http.setRawBody(ByteString.copyFrom(bytes));
    return this;
  }

  EnvoyRequest text(String body) {
    http.setBody(body);
    return this;
  }

  EnvoyRequest size(long bytes) {
    http.setSize(bytes);
    return this;
  }

  EnvoyRequest certificate(String pem) {
    certificate = pem;
    return this;
  }

  /** The name that Envoy has read in the client's certificate. */
  EnvoyRequest peer(String name) {
    peer = name;
    return this;
  }

  EnvoyRequest whole(String body) {
    return whole(body.getBytes(StandardCharsets.UTF_8));
  }

  EnvoyRequest whole(byte[] body) {
    return body(body)
        .header("content-length", Integer.toString(body.length))
        .header("x-envoy-auth-partial-body", "false");
  }

  CheckRequest build() {
    return CheckRequest.newBuilder()
        .setAttributes(
            AttributeContext.newBuilder()
                .setSource(Peer.newBuilder().setCertificate(certificate).setPrincipal(peer))
                .setRequest(
                    AttributeContext.Request.newBuilder().setHttp(http.setHeaderMap(headers))))
        .build();
  }
}
