package dev.modelgate.proxy;

import dev.modelgate.app.check.Claims;
import java.util.List;

/**
 * Who asks, as the credentials of a request prove it.
 *
 * @param principal such as {@code user:ana@acme.com}
 * @param actingThrough who asks in his name, nearest to him first
 * @param claims the groups that his token claims
 */
record Proven(String principal, List<String> actingThrough, Claims claims) {
  Proven {
    actingThrough = List.copyOf(actingThrough);
  }
}
