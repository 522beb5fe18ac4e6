package dev.modelgate.proof;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportSuspension;
import dev.modelgate.v1.Principal;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Makes an organization as large platforms have them: few models are shared with very many, few
 * users have very much, groups nest, a little is disabled, suspended, timed. The same size, seed
 * and begin give the same bytes.
 *
 * <p>As a program: {@code RealisticOrganization FILE [SEED [SCALE]]} writes an import file; SCALE 1
 * is {@link Size#DEFAULT}.
 */
final class RealisticOrganization {
  private static final String[] ROLES = {"user", "user", "user", "runner", "viewer", "editor"};
  private static final int VERSIONS_MAX = 4;

  /**
   * How much of everything.
   *
   * @param depth how deep groups nest
   * @param grants on resources, owners included
   */
  record Size(
      int users,
      int serviceAccounts,
      int groups,
      int depth,
      int environments,
      int models,
      int grants) {
    static final Size DEFAULT = new Size(10_000, 200, 1_000, 6, 20, 2_000, 200_000);

    Size times(double scale) {
      return new Size(
          (int) (users * scale),
          (int) (serviceAccounts * scale),
          (int) (groups * scale),
          depth,
          environments,
          (int) (models * scale),
          (int) (grants * scale));
    }
  }

  private final String id;
  private final Size size;
  private final Instant begin;
  private final SplittableRandom random;
  private final List<ImportRecord> records = new ArrayList<>();
  private final List<String> models = new ArrayList<>();
  private final Zipf byUser;
  private final Zipf byGroup;
  private final Zipf byModel;

  /**
   * Makes one.
   *
   * @param id the organization's
   * @param begin times in it are at least an hour before or after this, so that nothing changes by
   *     itself while it is asked
   */
  RealisticOrganization(String id, Size size, long seed, Instant begin) {
    this.id = id;
    this.size = size;
    this.begin = begin.truncatedTo(ChronoUnit.MINUTES);
    this.random = new SplittableRandom(seed);
    this.byUser = new Zipf(size.users(), 0.8);
    this.byGroup = new Zipf(size.groups(), 0.9);
    this.byModel = new Zipf(size.models(), 0.9);
    principals();
    memberships();
    resources();
    grants();
    suspensions();
  }

  /** Writes an import file. */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    double scale = args.length > 2 ? Double.parseDouble(args[2]) : 1;
    new RealisticOrganization("realistic", Size.DEFAULT.times(scale), seed, Instant.now())
        .write(Path.of(args[0]));
  }

  String name() {
    return "organizations/" + id;
  }

  Size size() {
    return size;
  }

  List<ImportRecord> records() {
    return records;
  }

  /** The models as the file names them, below the organization, the most popular first. */
  List<String> models() {
    return models;
  }

  static String user(int number) {
    return "user:u" + number + "@corp.example";
  }

  static String serviceAccount(int number) {
    return "serviceAccount:s" + number;
  }

  static String group(int number) {
    return "group:g" + number;
  }

  /** A time at which something begins or ends, in that many hours. */
  Instant hour(int hours) {
    return begin.plus(hours, ChronoUnit.HOURS);
  }

  /** Writes all of it as JSON lines, the header first. */
  void write(Path file) throws IOException {
    JsonFormat.Printer printer = JsonFormat.printer().omittingInsignificantWhitespace();
    try (Writer out = Files.newBufferedWriter(file)) {
      ImportHeader header =
          ImportHeader.newBuilder()
              .setSchema(1)
              .setOrganization(name())
              .setCreateOrganization(true)
              .build();
      out.write(printer.print(header) + "\n");
      for (ImportRecord record : records) {
        out.write(printer.print(record) + "\n");
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a record of the contract has a JSON form", e);
    }
  }

  private void principals() {
    for (int i = 0; i < size.users(); i++) {
      principal(user(i), random.nextInt(100) == 0);
    }
    for (int i = 0; i < size.serviceAccounts(); i++) {
      principal(serviceAccount(i), random.nextInt(50) == 0);
    }
    for (int i = 0; i < size.groups(); i++) {
      principal(group(i), random.nextInt(100) == 0);
    }
  }

  private void principal(String name, boolean disabled) {
    ImportPrincipal.Builder principal =
        ImportPrincipal.newBuilder()
            .setPrincipal(name)
            .setState(disabled ? Principal.State.STATE_DISABLED : Principal.State.STATE_ACTIVE);
    if (name.startsWith("group:")) {
      principal.setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_ACCESS);
    }
    records.add(ImportRecord.newBuilder().setPrincipal(principal).build());
  }

  /** Group g is on level g modulo depth and may be in a group of the level above it. */
  private void memberships() {
    Set<String> made = new HashSet<>();
    for (int g = 0; g < size.groups(); g++) {
      if (g % size.depth() != 0) {
        int above = random.nextInt(size.groups() / size.depth()) * size.depth() + g % size.depth();
        membership(made, group(above - 1), group(g));
      }
      int members = 3 + size.users() / (10 + g);
      for (int m = 0; m < members; m++) {
        membership(made, group(g), user(random.nextInt(size.users())));
      }
    }
    for (int s = 0; s < size.serviceAccounts(); s++) {
      membership(made, group(byGroup.next(random)), serviceAccount(s));
    }
  }

  private void membership(Set<String> made, String group, String member) {
    if (made.add(group + " " + member)) {
      records.add(
          ImportRecord.newBuilder()
              .setMembership(ImportMembership.newBuilder().setGroup(group).setMember(member))
              .build());
    }
  }

  private void resources() {
    for (int e = 0; e < size.environments(); e++) {
      resource("environments/e" + e);
    }
    for (int m = 0; m < size.models(); m++) {
      String model = "environments/e" + random.nextInt(size.environments()) + "/models/m" + m;
      models.add(model);
      resource(model);
      for (int v = 0; v < random.nextInt(VERSIONS_MAX); v++) {
        resource(model + "/versions/" + v);
      }
    }
  }

  private void resource(String name) {
    records.add(
        ImportRecord.newBuilder().setResource(ImportResource.newBuilder().setName(name)).build());
  }

  private void grants() {
    Set<String> made = new HashSet<>();
    for (String model : models) {
      grant(made, model, user(byUser.next(random)), "owner", false);
    }
    for (int e = 0; e < size.environments(); e++) {
      grant(made, "environments/e" + e, user(random.nextInt(size.users())), "owner", false);
      grant(made, "environments/e" + e, group(byGroup.next(random)), "viewer", true);
    }
    grant(made, "", user(0), "owner", false);
    while (made.size() < size.grants()) {
      String model = models.get(byModel.next(random));
      String role = ROLES[random.nextInt(ROLES.length)];
      int who = random.nextInt(100);
      String principal = user(byUser.next(random));
      if (who < 35) {
        principal = group(byGroup.next(random));
      } else if (who < 45) {
        principal = serviceAccount(random.nextInt(size.serviceAccounts()));
      } else if (who == 99 && model.hashCode() % 50 == 0) {
        principal = "organization:" + id;
      }
      grant(made, model, principal, role, true);
    }
  }

  private void grant(
      Set<String> made, String resource, String principal, String role, boolean mayBeTimed) {
    if (!made.add(resource + " " + principal + " " + role)) {
      return;
    }
    ImportGrant.Builder grant =
        ImportGrant.newBuilder().setResource(resource).setPrincipal(principal).setRole(role);
    if (role.equals("owner")) {
      grant.setCanShare(true).setCanUseData(true);
    }
    if (mayBeTimed) {
      grant.setCanShare(random.nextInt(20) == 0).setCanUseData(random.nextInt(10) == 0);
      int timed = random.nextInt(20);
      if (timed == 0) {
        grant.setNotBefore(time(hour(1 + random.nextInt(4))));
      } else if (timed == 1) {
        grant.setNotBefore(time(hour(-5 + random.nextInt(4))));
      } else if (timed == 2) {
        grant.setExpiresAt(time(hour(2 + random.nextInt(4))));
      }
    }
    records.add(ImportRecord.newBuilder().setGrant(grant).build());
  }

  private void suspensions() {
    for (int i = 0; i < size.users() / 500; i++) {
      suspension(ImportSuspension.newBuilder().setPrincipal(user(i * 500 + random.nextInt(500))));
    }
    for (int i = 0; i < 3; i++) {
      suspension(
          ImportSuspension.newBuilder()
              .setPrincipal(group(size.groups() / 2 + random.nextInt(size.groups() / 2))));
    }
    for (int i = 0; i < size.models() / 200; i++) {
      suspension(
          ImportSuspension.newBuilder()
              .setResource(models.get(50 + random.nextInt(models.size() - 50))));
    }
    suspension(
        ImportSuspension.newBuilder().setResource("environments/e" + (size.environments() - 1)));
  }

  private void suspension(ImportSuspension.Builder suspension) {
    ImportRecord record =
        ImportRecord.newBuilder().setSuspension(suspension.setReason("test")).build();
    if (!records.contains(record)) {
      records.add(record);
    }
  }

  private static Timestamp time(Instant instant) {
    return Timestamp.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }
}
