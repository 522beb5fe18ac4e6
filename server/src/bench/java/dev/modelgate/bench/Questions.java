package dev.modelgate.bench;

import dev.modelgate.v1.CheckRequest;
import java.util.SplittableRandom;

/** The questions of a run, the same ones in the same order in every process. */
final class Questions {
  static final int USERS = 10_000;
  static final int MODELS = 2_000;
  static final int HOT_USERS = 64;
  static final int HOT_MODELS = 64;
  static final String ORGANIZATION = "bench";

  private final SplittableRandom random = new SplittableRandom(1);
  private final CheckRequest[] hot = new CheckRequest[HOT_USERS * HOT_MODELS];
  private int next;

  Questions() {
    for (int i = 0; i < hot.length; i++) {
      hot[i] = question(i % HOT_USERS, i / HOT_USERS);
    }
  }

  /** One of 4,096 pairs, in turn. */
  CheckRequest hot() {
    next = next + 1 == hot.length ? 0 : next + 1;
    return hot[next];
  }

  /** One of 20 million pairs. */
  CheckRequest anywhere() {
    return question(random.nextInt(USERS), random.nextInt(MODELS));
  }

  static String user(int number) {
    return "user:u" + number + "@corp.example";
  }

  static String model(int number) {
    return "organizations/" + ORGANIZATION + "/environments/prod/models/m" + number;
  }

  private static CheckRequest question(int user, int model) {
    return CheckRequest.newBuilder()
        .setPrincipal(user(user))
        .setModel(model(model))
        .setAction("predict")
        .build();
  }
}
