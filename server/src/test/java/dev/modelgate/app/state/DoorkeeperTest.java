package dev.modelgate.app.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a full cache takes. */
final class DoorkeeperTest {
  private static final int ASKED = 100_000;

  private final SplittableRandom random = new SplittableRandom(1);
  private final Doorkeeper doorkeeper = new Doorkeeper();

  @Test
  void keys_ofACacheThatWasNeverFull_areAllLetIn() {
    for (int i = 0; i < ASKED; i++) {
      assertTrue(doorkeeper.admits(random.nextInt()));
    }
  }

  @Test
  void key_ofAFullCache_isLetInWhenItComesAgain() {
    doorkeeper.full();
    assertFalse(doorkeeper.admits(7));
    assertTrue(doorkeeper.admits(7));
  }

  @Test
  void keys_thatComeOnce_areKeptOutOfAFullCache() {
    doorkeeper.full();
    int admitted = 0;
    for (int i = 0; i < ASKED; i++) {
      admitted += doorkeeper.admits(random.nextInt()) ? 1 : 0;
    }
    assertTrue(admitted < ASKED / 1_000, admitted + " were let in");
  }

  /** A thousand keys, each after nine that come once. */
  @Test
  void keys_thatComeAgainAmongOthers_areLetIn() {
    doorkeeper.full();
    int admitted = 0;
    for (int round = 0; round < 2; round++) {
      for (int key = 0; key < 1_000; key++) {
        for (int i = 0; i < 9; i++) {
          doorkeeper.admits(random.nextInt());
        }
        boolean isIn = doorkeeper.admits(key * 0x9e3779b9);
        admitted += round == 1 && isIn ? 1 : 0;
      }
    }
    assertEquals(1_000, admitted, 200);
  }
}
