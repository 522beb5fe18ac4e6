package dev.modelgate.bench;

import dev.modelgate.proof.SyntheticOrganization;
import dev.modelgate.v1.CheckRequest;
import java.util.SplittableRandom;

/**
 * Questions about the pairs of {@link SyntheticOrganization} that have a grant, each second of an
 * action that the grant does not give: exactly every other one is allowed, however many grants
 * there are, and a wrong answer shows in the count.
 */
final class GrowthQuestions {
  /** Followed by the number of grants: 1,000 pairs in turn, spread over all grants. */
  static final String HOT = "growth-hot:";

  /** Followed by the number of grants: any pair that has one. */
  static final String ANYWHERE = "growth-anywhere:";

  /** Every size has as many. */
  static final int HOT_PAIRS = 1_000;

  private static final String ORGANIZATION = "growth";
  private static final long SEED = 1;

  private GrowthQuestions() {}

  /** The organization that is asked about. */
  static SyntheticOrganization organization(long grants) {
    return new SyntheticOrganization(ORGANIZATION, grants, SEED);
  }

  /** Whether {@link #named} knows them. */
  static boolean knows(String name) {
    return name.startsWith(HOT) || name.startsWith(ANYWHERE);
  }

  /** The questions of that name. */
  static Questions named(String name) {
    long grants = Long.parseLong(name.substring(name.indexOf(':') + 1));
    return name.startsWith(HOT) ? hot(grants) : anywhere(grants);
  }

  private static Questions hot(long grants) {
    SyntheticOrganization organization = organization(grants);
    CheckRequest[] questions = new CheckRequest[2 * HOT_PAIRS];
    for (int i = 0; i < questions.length; i++) {
      questions[i] = question(organization, i / 2 * (grants / HOT_PAIRS), i % 2 == 0);
    }
    int[] at = {0};
    return () -> {
      at[0] = at[0] + 1 == questions.length ? 0 : at[0] + 1;
      return questions[at[0]];
    };
  }

  private static Questions anywhere(long grants) {
    SyntheticOrganization organization = organization(grants);
    SplittableRandom random = new SplittableRandom(SEED);
    boolean[] allowed = {false};
    return () -> {
      allowed[0] = !allowed[0];
      return question(organization, random.nextLong(grants), allowed[0]);
    };
  }

  private static CheckRequest question(
      SyntheticOrganization organization, long grant, boolean allowed) {
    CheckRequest.Builder question =
        Questions.predict(organization.grantedUser(grant), organization.grantedModel(grant));
    return allowed ? question.build() : question.setAction("delete").build();
  }
}
