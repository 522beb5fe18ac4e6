package dev.modelgate.proof;

import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Questions as a platform asks them: hot users and models often, mostly to predict, some through
 * services, some about what is not there. The same number is always the same question.
 */
final class RealisticQuestions {
  private static final String[] ACTIONS = {
    "predict",
    "predict",
    "predict",
    "get",
    "get_use",
    "discover",
    "update",
    "grants.write",
    "data.read",
    "delete"
  };

  private final RealisticOrganization organization;
  private final long seed;
  private final List<ImportGrant> grants;
  private final Map<String, List<String>> members;
  private final Zipf byUser;
  private final Zipf byModel;

  RealisticQuestions(RealisticOrganization organization, long seed) {
    this.organization = organization;
    this.seed = seed;
    this.grants =
        organization.records().stream()
            .filter(ImportRecord::hasGrant)
            .map(ImportRecord::getGrant)
            .toList();
    this.members =
        organization.records().stream()
            .filter(ImportRecord::hasMembership)
            .collect(
                Collectors.groupingBy(
                    record -> record.getMembership().getGroup(),
                    Collectors.mapping(
                        record -> record.getMembership().getMember(), Collectors.toList())));
    this.byUser = new Zipf(organization.size().users(), 0.8);
    this.byModel = new Zipf(organization.size().models(), 0.9);
  }

  /** The question of that number. */
  CheckRequest question(int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    String principal = RealisticOrganization.user(byUser.next(random));
    String model = organization.models().get(byModel.next(random));
    int kind = random.nextInt(100);
    if (kind < 30) {
      ImportGrant grant = grants.get(random.nextInt(grants.size()));
      model = grant.getResource();
      principal = someoneIn(grant.getPrincipal(), principal, random);
    } else if (kind < 35) {
      principal = RealisticOrganization.user(organization.size().users() + random.nextInt(50));
    } else if (kind < 38) {
      model = "environments/e0/models/none" + random.nextInt(50);
    }
    if (random.nextInt(4) == 0 && model.contains("models/")) {
      model = model.contains("/versions/") ? model : model + "/versions/" + random.nextInt(6);
    }
    CheckRequest.Builder question =
        CheckRequest.newBuilder()
            .setPrincipal(principal)
            .setModel(organization.name() + (model.isEmpty() ? "" : "/" + model))
            .setAction(ACTIONS[random.nextInt(ACTIONS.length)]);
    if (random.nextInt(20) == 0) {
      int service = random.nextInt(organization.size().serviceAccounts());
      question.addActingThrough(RealisticOrganization.serviceAccount(service));
    }
    return question.build();
  }

  /** An account that a grant to this principal reaches, or the other one when there is none. */
  private String someoneIn(String principal, String other, SplittableRandom random) {
    String at = principal;
    while (at.startsWith("group:")) {
      List<String> inside = members.getOrDefault(at, List.of());
      if (inside.isEmpty()) {
        return other;
      }
      at = inside.get(random.nextInt(inside.size()));
    }
    return at.startsWith("organization:") ? other : at;
  }
}
