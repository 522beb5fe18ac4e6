package dev.modelgate.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Request;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Hazard 32: what is known of a secret, and where it does not show. */
final class LinkSecretTest {
  private final LinkSecret secret = LinkSecret.of(new SecureRandom());

  @Test
  void secret_asText_showsNothing() {
    assertFalse(String.valueOf(secret).contains(secret.text()));
    Request request = new Request(Map::of, secret.text());
    assertFalse(String.valueOf(request).contains(secret.text()));
  }

  @Test
  void secret_has128RandomBitsAtLeast() {
    assertTrue(LinkSecret.BYTES * 8 >= 128);
    assertEquals((LinkSecret.BYTES * 8 + 5) / 6, secret.text().length());
  }
}
