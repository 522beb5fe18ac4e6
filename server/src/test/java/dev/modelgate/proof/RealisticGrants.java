package dev.modelgate.proof;

import com.google.protobuf.Timestamp;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The grants of a realistic organization: an owner for each model, then power-law sharing. */
final class RealisticGrants {
  /** Each role as often as it stands here; empty stands for single permissions. */
  private static final String[] ROLES = {
    "user", "user", "user", "user", "user", "user", "user", "runner", "runner", "runner", "viewer",
    "viewer", "viewer", "editor", "editor", "auditor", "auditor", ""
  };

  /** Sorted, as an export names them. */
  private static final String[] PERMISSIONS = {
    "data.read",
    "data.use",
    "discover",
    "get",
    "get_use",
    "grants.read",
    "predict",
    "results.read",
    "train",
    "update",
    "use"
  };

  /** How long after the begin the near times lie. */
  private static final int NEAR_SECONDS = 300;

  private static final int FAR_SECONDS = (int) Duration.ofDays(30).toSeconds();

  private final RealisticOrganization organization;
  private final RealisticOrganization.Size size;
  private final long beginSeconds;
  private final Random random;
  private final Zipf byUser;
  private final Zipf byGroup;
  private final Zipf byModel;
  private final Set<String> made = new HashSet<>();
  private final List<ImportRecord> records = new ArrayList<>();

  RealisticGrants(RealisticOrganization organization, Instant begin, Random random) {
    this.organization = organization;
    this.size = organization.size();
    this.beginSeconds = begin.getEpochSecond();
    this.random = random;
    this.byUser = new Zipf(size.users(), 0.8);
    this.byGroup = new Zipf(size.groups(), 0.9);
    this.byModel = new Zipf(size.models(), 0.9);
  }

  List<ImportRecord> records() {
    return records;
  }

  /** Makes all of them on the models, the other resources, environments and the organization. */
  void addAll(List<String> models, List<String> others) {
    own("", user(0));
    for (int e = 0; e < size.environments(); e++) {
      own("environments/e" + e, user(random.nextInt(size.users())));
    }
    models.forEach(model -> own(model, user(byUser.next(random))));
    while (records.size() < size.grants()) {
      int where = random.nextInt(1_000);
      if (where < 5) {
        String environment = "environments/e" + random.nextInt(size.environments());
        share(where == 0 ? "" : environment, group(random.nextInt(size.groups())));
      } else if (where < 100) {
        share(others.get(random.nextInt(others.size())), recipient());
      } else {
        share(models.get(byModel.next(random)), recipient());
      }
    }
  }

  private String recipient() {
    int who = random.nextInt(10_000);
    if (who < 3_500) {
      return group(byGroup.next(random));
    }
    if (who < 4_300) {
      return RealisticOrganization.serviceAccount(random.nextInt(size.serviceAccounts()));
    }
    if (who < 4_500) {
      return RealisticOrganization.app(random.nextInt(size.apps()));
    }
    return who == 4_500
        ? organization.name().replace("organizations/", "organization:")
        : user(byUser.next(random));
  }

  /** An owner's grant has no end, and carries what only others must be given by name. */
  private void own(String resource, String principal) {
    if (made.add(resource + " " + principal + " owner")) {
      records.add(
          Records.grant(grant(resource, principal, "owner").setCanShare(true).setCanUseData(true)));
    }
  }

  /** Nothing to somebody who owns it: that would change nothing, and not be there in an export. */
  private void share(String resource, String principal) {
    String role = ROLES[random.nextInt(ROLES.length)];
    if (made.contains(resource + " " + principal + " owner")
        || !made.add(resource + " " + principal + " " + role)) {
      return;
    }
    ImportGrant.Builder grant =
        grant(resource, principal, role)
            .setCanShare(random.nextInt(20) == 0)
            .setCanUseData(random.nextInt(10) == 0);
    if (role.isEmpty()) {
      int least = random.nextInt(PERMISSIONS.length);
      for (int p = least; p < PERMISSIONS.length; p += 1 + random.nextInt(4)) {
        grant.addPermissions(PERMISSIONS[p]);
      }
    }
    limit(grant);
    records.add(Records.grant(grant));
  }

  /** One in eight begins later, ends, or both. */
  private void limit(ImportGrant.Builder grant) {
    int limited = random.nextInt(24);
    long at = beginSeconds + offset();
    if (limited == 0) {
      grant.setNotBefore(time(at));
    } else if (limited == 1) {
      grant.setExpiresAt(time(at)).setNote("until " + Instant.ofEpochSecond(at));
    } else if (limited == 2) {
      grant.setNotBefore(time(at)).setExpiresAt(time(at + 1 + random.nextInt(NEAR_SECONDS)));
    }
  }

  private int offset() {
    return random.nextBoolean()
        ? random.nextInt(NEAR_SECONDS)
        : random.nextInt(2 * FAR_SECONDS) - FAR_SECONDS;
  }

  private static ImportGrant.Builder grant(String resource, String principal, String role) {
    return ImportGrant.newBuilder().setResource(resource).setPrincipal(principal).setRole(role);
  }

  private static String user(int number) {
    return RealisticOrganization.user(number);
  }

  private static String group(int number) {
    return RealisticOrganization.group(number);
  }

  private static Timestamp time(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }
}
