package dev.modelgate.client.protect;

import dev.modelgate.fuzz.FuzzTarget;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * HTTP requests (hazard 37), as text: a line {@code METHOD target}, lines of headers, an empty line
 * and the body. What asks for something has a path that RFC 3986 leaves as it is.
 */
public final class HttpRequestTarget implements FuzzTarget {
  private static final Protection ALL =
      Protection.parse(
          "fuzz",
          """
          parent: organizations/acme
          protocols: [open-inference, tensorflow-serving, openai]
          http:
            - {request: "POST /deployments/{model}/score", action: predict, body: {model: model}}
            - {request: "POST /batch", action: predict, body: {model: "requests[].model"}}
          """);

  @Override
  public void read(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    String[] parts = text.split("\n\n", 2);
    String[] lines = parts[0].split("\n", -1);
    int space = lines[0].indexOf(' ');
    String method = space < 0 ? lines[0] : lines[0].substring(0, space);
    String target = space < 0 ? "" : lines[0].substring(space + 1);
    Map<String, List<String>> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(lines[i].substring(0, colon), List.of(lines[i].substring(colon + 1).strip()));
      }
    }
    HttpRequest request = new HttpRequest(method, target, headers);
    byte[] body = parts.length == 1 ? new byte[0] : parts[1].getBytes(StandardCharsets.UTF_8);
    Outcome byHead = ALL.http(request);
    Outcome outcome = ALL.http(request, body, true);
    FuzzTarget.require(
        byHead instanceof Outcome.NeedsBody || byHead.equals(outcome), "the body was looked at");
    FuzzTarget.require(!(outcome instanceof Outcome.NeedsBody), "the body was there");
    if (!(outcome instanceof Outcome.Malformed)) {
      requireNormal(target);
    }
  }

  private static void requireNormal(String target) {
    try {
      URI uri = new URI("http://host" + target.replaceFirst("\\?.*", ""));
      String path = uri.getRawPath();
      FuzzTarget.require(path.equals(uri.normalize().getRawPath()), "a path that is resolved");
      FuzzTarget.require(target.startsWith(path), "another path");
    } catch (URISyntaxException e) {
      FuzzTarget.require(false, "no path");
    }
  }
}
