package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.modelgate.model.Uid;
import org.junit.jupiter.api.Test;

final class SharedNamesTest {
  private static final Uid ORG = Uid.of(1, 0, false);

  private final SharedNames names = new SharedNames();

  @Test
  void keys_ofOnePrincipal_shareItsText() {
    CacheKey fraud = names.shared(key("user:ana", "fraud"));
    CacheKey risk = names.shared(key("user:ana", "risk"));
    assertSame(fraud.principal(), risk.principal());
    assertEquals(key("user:ana", "risk"), risk);
  }

  @Test
  void names_whateverWasThereBefore_areAsTheyCame() {
    for (int i = 0; i < 20 * SharedNames.SLOTS; i++) {
      String name = "user:u" + i;
      assertEquals(name, names.shared(name));
    }
    // Many hashes of this sum of multiples of 31 are equal.
    assertEquals("user:BB", names.shared("user:BB"));
    assertEquals("user:Aa", names.shared("user:Aa"));
  }

  @Test
  void name_beyondTheBound_isNotHeld() {
    String bound = "m".repeat(SharedNames.CHARS_MAX);
    names.shared(bound);
    assertSame(bound, names.shared(copy(bound)));
    String longer = bound + "m";
    names.shared(longer);
    assertNotSame(longer, names.shared(copy(longer)));
  }

  private static CacheKey key(String principal, String model) {
    return new CacheKey(ORG, copy(principal), copy(model));
  }

  private static String copy(String text) {
    return String.valueOf(text.toCharArray());
  }
}
