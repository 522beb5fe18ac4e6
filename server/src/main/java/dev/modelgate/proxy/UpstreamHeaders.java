package dev.modelgate.proxy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a server behind a proxy is told about a request that passes.
 *
 * <p>Invariant: each of {@link #NAMES} is either set, over whatever the client sent under it, or
 * removed, so that a server may believe what it finds there.
 */
public final class UpstreamHeaders {
  private static final String PRINCIPAL = "x-modelgate-principal";
  private static final String MODEL = "x-modelgate-model";
  private static final String REVISION = "x-modelgate-revision";

  /** All names that there are. */
  public static final List<String> NAMES = List.of(PRINCIPAL, MODEL, REVISION);

  private UpstreamHeaders() {}

  /** The values by their names; those that are not there are to be removed. */
  public static Map<String, String> of(Verdict verdict) {
    Map<String, String> headers = new LinkedHashMap<>();
    put(headers, PRINCIPAL, encoded(verdict.principal()));
    put(headers, MODEL, verdict.resource());
    put(headers, REVISION, verdict.revision());
    return headers;
  }

  private static void put(Map<String, String> headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.put(name, value);
    }
  }

  /** Percent-encodes what a header cannot carry, and {@code %}, so that no two names become one. */
  private static String encoded(String name) {
    StringBuilder text = new StringBuilder(name.length());
    for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
      if (octet > ' ' && octet < 0x7f && octet != '%') {
        text.append((char) octet);
      } else {
        text.append(String.format("%%%02X", octet));
      }
    }
    return text.toString();
  }
}
