package dev.modelgate.bench;

import dev.modelgate.v1.CheckRequest;
import java.util.SplittableRandom;

/**
 * The questions of a run, the same ones in the same order in every process; one thread at a time.
 */
interface Questions {
  /** One of 4,096 pairs of the crowd, in turn. */
  String HOT = "hot";

  /** One of 150,000 pairs of the crowd, in turn. */
  String WIDE = "wide";

  /** Nine in ten are anywhere in the crowd's 20 million pairs, one is hot. */
  String MISSES = "misses";

  /** Anywhere in the crowd. */
  String ANYWHERE = "anywhere";

  /** The next question. */
  CheckRequest next();

  /** The questions of that name. */
  static Questions named(String name) {
    return switch (name) {
      case HOT -> inTurn(Crowd.HOT_USERS, Crowd.HOT_MODELS);
      case WIDE -> inTurn(Crowd.WIDE_USERS, Crowd.WIDE_MODELS);
      case MISSES -> misses();
      case ANYWHERE -> anywhere();
      default -> throw new IllegalArgumentException("no such questions: " + name);
    };
  }

  private static Questions inTurn(int users, int models) {
    CheckRequest[] pairs = new CheckRequest[users * models];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = predict(Crowd.user(i % users), Crowd.model(i / users));
    }
    int[] at = {0};
    return () -> {
      at[0] = at[0] + 1 == pairs.length ? 0 : at[0] + 1;
      return pairs[at[0]];
    };
  }

  private static Questions misses() {
    Questions hot = named(HOT);
    Questions anywhere = named(ANYWHERE);
    int[] count = {0};
    return () -> {
      count[0] = count[0] == 9 ? 0 : count[0] + 1;
      return count[0] == 0 ? hot.next() : anywhere.next();
    };
  }

  private static Questions anywhere() {
    SplittableRandom random = new SplittableRandom(1);
    return () ->
        predict(Crowd.user(random.nextInt(Crowd.USERS)), Crowd.model(random.nextInt(Crowd.MODELS)));
  }

  /** May that principal predict with that model? */
  static CheckRequest predict(String principal, String model) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(model)
        .setAction("predict")
        .build();
  }
}
