package dev.modelgate.client.protect;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the headers of a request must not have, for servers read it differently (hazard 37): an
 * upgrade to another protocol, another method, two ways to say how long the body is.
 */
final class HeaderRules {
  private static final Set<String> OVERRIDES =
      Set.of("x-http-method-override", "x-http-method", "x-method-override");

  private HeaderRules() {}

  /**
   * Refuses what no request may have.
   *
   * @throws MalformedException naming the header
   */
  static void requireSafe(HttpRequest request) {
    for (String name : request.headers().keySet()) {
      // CGI and WSGI make one name of both.
      String plain = name.replace('_', '-');
      if (OVERRIDES.contains(plain)) {
        throw new MalformedException("a header that overrides the method");
      }
      if (plain.equals("upgrade")) {
        throw new MalformedException("an upgrade to another protocol");
      }
    }
    List<String> lengths = request.all("content-length");
    if (lengths.size() > 1 || !lengths.isEmpty() && !request.all("transfer-encoding").isEmpty()) {
      throw new MalformedException("more than one length of the body");
    }
  }

  /**
   * Refuses what a body that is read here may not have.
   *
   * @throws MalformedException naming the header
   */
  static void requireJson(HttpRequest request) {
    List<String> types = request.all("content-type");
    if (types.size() != 1 || !isJson(types.get(0))) {
      throw new MalformedException("a body that is not application/json");
    }
    for (String coding : request.all("content-encoding")) {
      if (!coding.strip().equalsIgnoreCase("identity")) {
        throw new MalformedException("a body with a content encoding");
      }
    }
  }

  private static boolean isJson(String type) {
    String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
    if (!parts[0].strip().equals("application/json")) {
      return false;
    }
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (!parameter.equals("charset=utf-8") && !parameter.equals("charset=\"utf-8\"")) {
        return false;
      }
    }
    return true;
  }
}
