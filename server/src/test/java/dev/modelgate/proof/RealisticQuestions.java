package dev.modelgate.proof;

import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Questions as a platform asks them: mostly the same callers about the same models again, hot users
 * and models more often than others, some through services, some about what is not there, every
 * action now and then. The same number is always the same question. For use by several threads.
 */
public final class RealisticQuestions {
  /** The environment that completes relative names, which a few of the questions use. */
  static final String DEFAULT_PARENT = "environments/e0";

  private static final int REGULAR_PAIRS = 30_000;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final RealisticOrganization organization;
  private final RealisticOrganization.Size size;
  private final List<String> models;
  private final List<String> actions;
  private final long seed;
  private final List<ImportGrant> grants;
  private final Map<String, List<String>> members;
  private final Zipf byPair = new Zipf(REGULAR_PAIRS, 0.9);
  private final Zipf byUser;
  private final Zipf byModel;

  private record Pair(String principal, String model) {}

  /**
   * Questions about an organization.
   *
   * @param actions all that can be asked for
   */
  public RealisticQuestions(RealisticOrganization organization, List<String> actions, long seed) {
    this.organization = organization;
    this.size = organization.size();
    this.models = organization.models();
    this.actions = List.copyOf(actions);
    this.seed = seed;
    List<ImportRecord> records = organization.records();
    this.grants =
        records.stream().filter(ImportRecord::hasGrant).map(ImportRecord::getGrant).toList();
    this.members =
        records.stream()
            .filter(ImportRecord::hasMembership)
            .map(ImportRecord::getMembership)
            .collect(
                Collectors.groupingBy(
                    membership -> membership.getGroup(),
                    Collectors.mapping(membership -> membership.getMember(), Collectors.toList())));
    this.byUser = new Zipf(size.users(), 0.8);
    this.byModel = new Zipf(size.models(), 0.9);
  }

  /** The question of that number, 0 or more. */
  public CheckRequest question(int number) {
    Random random = random(2L * number);
    Pair pair = pair(random);
    CheckRequest.Builder question =
        CheckRequest.newBuilder()
            .setPrincipal(pair.principal())
            .setModel(written(pair.model(), random))
            .setAction(action(random));
    if (random.nextInt(20) == 0) {
      int links = 1 + random.nextInt(8) / 6 + random.nextInt(16) / 15;
      for (int link = 0; link < links; link++) {
        question.addActingThrough(service(random));
      }
    }
    return question.build();
  }

  private Pair pair(Random random) {
    int kind = random.nextInt(100);
    if (kind < 84) {
      Random regular = random(2L * byPair.next(random) + 1);
      return regular.nextInt(5) < 2 ? anyPair(regular) : grantedPair(regular);
    }
    if (kind < 90) {
      return grantedPair(random);
    }
    Pair any = anyPair(random);
    if (kind < 94) {
      return new Pair(RealisticOrganization.user(size.users() + random.nextInt(500)), any.model());
    }
    if (kind < 97) {
      String nowhere = random.nextBoolean() ? "environments/none" : "environments/e0";
      return new Pair(any.principal(), nowhere + "/models/none" + random.nextInt(500));
    }
    return any;
  }

  private Pair anyPair(Random random) {
    boolean service = random.nextInt(10) == 0;
    String principal = service ? service(random) : user(random);
    String model = models.get(byModel.next(random));
    return new Pair(principal, random.nextInt(6) == 0 ? model + version(random) : model);
  }

  /** Somebody whom a grant reaches, and what it reaches him on. */
  private Pair grantedPair(Random random) {
    ImportGrant grant = grants.get(random.nextInt(grants.size()));
    String resource = grant.getResource();
    boolean below = resource.matches(".*models/[^/]+") && random.nextInt(6) == 0;
    return new Pair(
        someoneIn(grant.getPrincipal(), random), below ? resource + version(random) : resource);
  }

  private static String version(Random random) {
    return "/versions/" + random.nextInt(6); // Some of them have no record, and need none.
  }

  /** An account that a grant to this principal reaches, or somebody where nobody is in a group. */
  private String someoneIn(String principal, Random random) {
    String at = principal;
    while (at.startsWith("group:")) {
      List<String> inside = members.getOrDefault(at, List.of());
      at = inside.isEmpty() ? user(random) : inside.get(random.nextInt(inside.size()));
    }
    return at.startsWith("organization:") ? user(random) : at;
  }

  private String user(Random random) {
    return RealisticOrganization.user(byUser.next(random));
  }

  private String service(Random random) {
    return random.nextInt(4) == 0
        ? RealisticOrganization.app(random.nextInt(size.apps()))
        : RealisticOrganization.serviceAccount(random.nextInt(size.serviceAccounts() + 1));
  }

  private String action(Random random) {
    return random.nextInt(5) < 3 ? "predict" : actions.get(random.nextInt(actions.size()));
  }

  /** The full name, or now and then a relative one where the default parent allows it. */
  private String written(String path, Random random) {
    if (path.startsWith(DEFAULT_PARENT + "/models/") && random.nextInt(4) == 0) {
      String relative = path.substring(DEFAULT_PARENT.length() + 1);
      boolean isModel = relative.indexOf('/') == relative.lastIndexOf('/');
      return isModel && random.nextBoolean() ? relative.substring("models/".length()) : relative;
    }
    return organization.name() + (path.isEmpty() ? "" : "/" + path);
  }

  /** Numbers that belong to that salt: its neighbours' have nothing to do with them. */
  private Random random(long salt) {
    long mixed = seed + GOLDEN * (salt + 1);
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return new Random(mixed ^ mixed >>> 31);
  }
}
