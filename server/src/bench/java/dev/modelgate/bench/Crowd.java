package dev.modelgate.bench;

import java.util.SplittableRandom;

/**
 * 10,000 users and 2,000 models: every other pair of the hot users and models has a grant, the rest
 * of the grants is anywhere.
 *
 * @param grants how many are anywhere; some name the same pair
 */
public record Crowd(int grants) implements Scene {
  static final int USERS = 10_000;
  static final int MODELS = 2_000;
  static final int HOT_USERS = 64;
  static final int HOT_MODELS = 64;
  static final int WIDE_USERS = 1_000;
  static final int WIDE_MODELS = 150;

  @Override
  public String name() {
    return "crowd";
  }

  @Override
  public void fill(Filling filling) {
    for (int model = 0; model < MODELS; model++) {
      filling.resource(model(model));
    }
    for (int user = 0; user < USERS; user++) {
      filling.principal(user(user));
    }
    for (int pair = 0; pair < HOT_USERS * HOT_MODELS; pair += 2) {
      filling.grant(model(pair / HOT_USERS), user(pair % HOT_USERS));
    }
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < grants; i++) {
      String user = user(random.nextInt(USERS));
      filling.grant(model(random.nextInt(MODELS)), user);
    }
  }

  static String user(int number) {
    return "user:u" + number + "@corp.example";
  }

  static String model(int number) {
    return Scene.model("m" + number);
  }
}
