package dev.modelgate.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HotSetTest {
  private static final HotSet.Pair ALLOWED = new HotSet.Pair("user:a@acme.example", "m", true);
  private static final HotSet.Pair DENIED = new HotSet.Pair("user:b@acme.example", "m", false);

  @Test
  void listed_allowed_namesTheUserOnceAtEachPlaceInTurn() {
    for (int number = 0; number < 8; number++) {
      List<String> listed = ALLOWED.listed(number);

      assertEquals(4, listed.size());
      assertEquals(number % 4, listed.indexOf(ALLOWED.user()));
      assertEquals(number % 4, listed.lastIndexOf(ALLOWED.user()));
    }
  }

  @Test
  void listed_denied_namesOthersOnly() {
    assertEquals(4, DENIED.listed(0).size());
    assertEquals(-1, DENIED.listed(0).indexOf(DENIED.user()));
  }

  @Test
  void allowed_ofSome_areThose() {
    assertEquals(List.of(ALLOWED), new HotSet(List.of(ALLOWED, DENIED)).allowed());
  }
}
