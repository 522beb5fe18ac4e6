package dev.modelgate.bench;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
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

  /** Users of {@link NestedGroups} about versions. */
  String NESTED = "nested";

  /** Users of {@link ManyGroups}. */
  String GROUPS = "groups";

  /** Users of {@link Chains}. */
  String CHAIN = "chain";

  /** Users of {@link Conditions}, with the attribute. */
  String CONDITIONS = "conditions";

  /** Any user of {@link WidelyShared}. */
  String SHARED = "shared";

  /** The next question. */
  CheckRequest next();

  /** The questions of that name. */
  static Questions named(String name) {
    if (GrowthQuestions.knows(name)) {
      return GrowthQuestions.named(name);
    }
    return switch (name) {
      case HOT -> inTurn(Crowd.HOT_USERS, Crowd.HOT_MODELS, Questions::ofCrowd);
      case WIDE -> inTurn(Crowd.WIDE_USERS, Crowd.WIDE_MODELS, Questions::ofCrowd);
      case MISSES -> misses();
      case ANYWHERE -> anywhere();
      case NESTED ->
          inTurn(
              NestedGroups.USERS,
              NestedGroups.MODELS,
              (user, model) -> predict(Crowd.user(user), NestedGroups.version(model)).build());
      case GROUPS -> inTurn(ManyGroups.USERS, ManyGroups.MODELS, Questions::ofCrowd);
      case CHAIN -> inTurn(Chains.USERS, Chains.MODELS, Questions::throughLinks);
      case CONDITIONS -> inTurn(Conditions.USERS, Conditions.MODELS, Questions::fromCountry);
      case SHARED -> shared();
      default -> throw new IllegalArgumentException("no such questions: " + name);
    };
  }

  /** The question of a user about a model, by their numbers. */
  interface Pair {
    CheckRequest question(int user, int model);
  }

  private static Questions inTurn(int users, int models, Pair pair) {
    CheckRequest[] pairs = new CheckRequest[users * models];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = pair.question(i % users, i / users);
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
    return () -> ofCrowd(random.nextInt(Crowd.USERS), random.nextInt(Crowd.MODELS));
  }

  private static Questions shared() {
    SplittableRandom random = new SplittableRandom(1);
    String model = Scene.model(WidelyShared.MODEL);
    return () -> predict(Crowd.user(random.nextInt(WidelyShared.USERS)), model).build();
  }

  private static CheckRequest ofCrowd(int user, int model) {
    return predict(Crowd.user(user), Crowd.model(model)).build();
  }

  private static CheckRequest throughLinks(int user, int model) {
    CheckRequest.Builder question = predict(Crowd.user(user), Crowd.model(model));
    for (int link = 0; link < Chains.LINKS; link++) {
      question.addActingThrough(Chains.link(link));
    }
    return question.build();
  }

  private static CheckRequest fromCountry(int user, int model) {
    return predict(Crowd.user(user), Crowd.model(model))
        .setContext(
            Struct.newBuilder()
                .putFields(
                    Conditions.ATTRIBUTE,
                    Value.newBuilder().setStringValue(Conditions.COUNTRY).build()))
        .build();
  }

  /** May that principal predict with that model? */
  static CheckRequest.Builder predict(String principal, String model) {
    return CheckRequest.newBuilder().setPrincipal(principal).setModel(model).setAction("predict");
  }
}
