package dev.modelgate.grpc;

import com.google.protobuf.ByteString;
import dev.modelgate.envoy.v3.AttributeContext;
import dev.modelgate.envoy.v3.AttributeContext.HttpRequest;
import dev.modelgate.envoy.v3.HeaderValue;
import dev.modelgate.proxy.ForwardedCertificates;
import dev.modelgate.proxy.ProxiedRequest;
import dev.modelgate.proxy.ProxiedRequest.Body;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads what Envoy tells of a request, and believes of a body only what goes upstream as it is
 * (hazard 38).
 */
final class EnvoyRequests {
  private static final String PARTIAL_BODY = "x-envoy-auth-partial-body";
  private static final String FORWARDED_CERTIFICATE = "x-forwarded-client-cert";
  private static final String CONTENT_LENGTH = "content-length";
  private static final String CONTENT_TYPE = "content-type";
  private static final String GRPC = "application/grpc";

  private EnvoyRequests() {}

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException for what no HTTP request of an Envoy looks like; the message
   *     has nothing of the request
   */
  static ProxiedRequest read(AttributeContext attributes) {
    if (!attributes.getRequest().hasHttp()) {
      throw new IllegalArgumentException("no HTTP request");
    }
    HttpRequest http = attributes.getRequest().getHttp();
    Map<String, List<String>> headers = headers(http);
    return new ProxiedRequest(
        http.getMethod(),
        http.getPath(),
        headers,
        body(http, headers),
        ForwardedCertificates.ofPem(attributes.getSource().getCertificate()),
        attributes.getSource().getPrincipal(),
        false);
  }

  /** Whether it is a gRPC call, which is also known of one that cannot be read. */
  static boolean isGrpc(AttributeContext attributes) {
    HttpRequest http = attributes.getRequest().getHttp();
    if (http.getHeadersMap().getOrDefault(CONTENT_TYPE, "").startsWith(GRPC)) {
      return true;
    }
    for (HeaderValue header : http.getHeaderMap().getHeadersList()) {
      if (header.getKey().equals(CONTENT_TYPE)
          && (header.getValue() + header.getRawValue().toStringUtf8()).startsWith(GRPC)) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, List<String>> headers(HttpRequest http) {
    Map<String, List<String>> headers = new TreeMap<>();
    for (HeaderValue header : http.getHeaderMap().getHeadersList()) {
      add(headers, header.getKey(), text(header));
    }
    http.getHeadersMap()
        .forEach(
            (name, value) -> {
              for (String one : joined(name, value)) {
                add(headers, name, one);
              }
            });
    return headers;
  }

  /**
   * Envoy joins the values of one name by commas where it does not pass headers one by one. They
   * are taken apart, so that two of them are never taken for one; a forwarded certificate has
   * commas of its own, and its reader knows them.
   */
  private static List<String> joined(String name, String value) {
    return name.equals(FORWARDED_CERTIFICATE) ? List.of(value) : List.of(value.split(",", -1));
  }

  private static void add(Map<String, List<String>> headers, String name, String value) {
    if (!name.startsWith(":")) {
      headers
          .computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>(1))
          .add(value.strip());
    }
  }

  private static String text(HeaderValue header) {
    if (header.getRawValue().isEmpty()) {
      return header.getValue();
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(header.getRawValue().asReadOnlyByteBuffer())
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a header that is not UTF-8", e);
    }
  }

  private static Body body(HttpRequest http, Map<String, List<String>> headers) {
    if (!http.getBody().isEmpty()) {
      return new Body.Unseen("the proxy passes the body as a text, which pack_as_bytes mends");
    }
    ByteString body = http.getRawBody();
    List<String> marks = headers.getOrDefault(PARTIAL_BODY, List.of());
    if (marks.isEmpty()) {
      return new Body.Unseen("the proxy passes no body");
    }
    List<String> lengths = headers.getOrDefault(CONTENT_LENGTH, List.of());
    boolean isMarkedPartial = !marks.stream().allMatch("false"::equals);
    boolean isShort =
        http.getSize() > body.size()
            || !lengths.stream().allMatch(Integer.toString(body.size())::equals);
    if (isMarkedPartial || isShort) {
      return new Body.Partial("the proxy passes a part of the body");
    }
    return new Body.Whole(body.toByteArray());
  }
}
