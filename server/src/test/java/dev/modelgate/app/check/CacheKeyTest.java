package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CacheKeyTest {
  private static final Uid ORG = Uid.of(1, 0, false);
  private static final int USERS = 1_000;
  private static final int MODELS = 100;

  @Test
  void hashCode_ofNumberedNames_isRarelyShared() {
    Set<Integer> hashes = new HashSet<>();
    for (int user = 0; user < USERS; user++) {
      for (int model = 0; model < MODELS; model++) {
        hashes.add(key(ORG, "user:u" + user, "organizations/acme/models/m" + model).hashCode());
      }
    }
    // About one pair of as many random numbers is the same.
    assertTrue(hashes.size() > USERS * MODELS - 50, () -> hashes.size() + " hashes");
  }

  @Test
  void hashCode_ofOneNameInNumberedOrganizations_isRarelyShared() {
    Set<Integer> hashes = new HashSet<>();
    for (int version = 1; version <= USERS * MODELS; version++) {
      hashes.add(key(Uid.of(version, 0, false), "user:ana", "fraud").hashCode());
    }
    assertTrue(hashes.size() > USERS * MODELS - 50, () -> hashes.size() + " hashes");
  }

  @Test
  void compareTo_ofKeysThatShareAHash_isZeroForEqualOnesAlone() {
    List<CacheKey> keys = new ArrayList<>();
    for (String principal : List.of("user:Aa", "user:BB")) {
      for (String model : List.of("Aa", "BB")) {
        keys.add(key(ORG, principal, model));
      }
    }
    assertEquals(1, keys.stream().map(CacheKey::hashCode).distinct().count());
    for (CacheKey one : keys) {
      for (CacheKey other : keys) {
        assertEquals(one.equals(other), one.compareTo(other) == 0);
        assertEquals(Integer.signum(one.compareTo(other)), -Integer.signum(other.compareTo(one)));
      }
    }
  }

  private static CacheKey key(Uid org, String principal, String model) {
    return new CacheKey(org, principal, model);
  }
}
