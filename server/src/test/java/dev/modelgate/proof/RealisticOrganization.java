package dev.modelgate.proof;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Makes an organization as large platforms have them: few models are shared with very many, few
 * users have very much, groups nest, a little is disabled, suspended, timed. The same size, seed
 * and begin give the same records and, written, the same bytes on every machine.
 *
 * <p>As a program: {@code RealisticOrganization FILE [SEED [SCALE [BEGIN]]]} writes an import file;
 * SCALE 1 is {@link Size#DEFAULT}, BEGIN a time such as {@code 2027-01-01T00:00:00Z}, which is its
 * default.
 */
public final class RealisticOrganization {
  /** When times in a file begin, unless somebody says otherwise. */
  public static final Instant DEFAULT_BEGIN = Instant.parse("2027-01-01T00:00:00Z");

  private static final int VERSIONS_MAX = 4;

  /**
   * How much of everything.
   *
   * @param depth how deep groups nest
   * @param grants on resources, owners included
   */
  public record Size(
      int users,
      int serviceAccounts,
      int apps,
      int groups,
      int depth,
      int environments,
      int models,
      int grants) {
    public static final Size DEFAULT = new Size(10_000, 200, 50, 1_000, 6, 20, 2_000, 200_000);

    /** The same shape, larger or smaller; nothing gets less than what the shape needs. */
    public Size times(double scale) {
      return new Size(
          Math.max(500, (int) (users * scale)),
          Math.max(10, (int) (serviceAccounts * scale)),
          Math.max(5, (int) (apps * scale)),
          Math.max(10 * depth, (int) (groups * scale)),
          depth,
          environments,
          Math.max(100, (int) (models * scale)),
          (int) (grants * scale));
    }
  }

  private final String id;
  private final Size size;
  private final Random random;
  private final List<ImportRecord> records = new ArrayList<>();
  private final List<String> models = new ArrayList<>();
  private final List<String> others = new ArrayList<>();

  /**
   * Makes one.
   *
   * @param id the organization's
   * @param begin what the times of grants lie around: most within weeks, some within the first
   *     minutes after it, so that they come while somebody asks
   */
  public RealisticOrganization(String id, Size size, long seed, Instant begin) {
    this.id = id;
    this.size = size;
    this.random = new Random(seed);
    principals();
    memberships();
    resources();
    var grants = new RealisticGrants(this, begin, random);
    grants.addAll(models, others);
    records.addAll(grants.records());
    suspensions();
  }

  /** Writes an import file. */
  public static void main(String[] args) throws IOException {
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    double scale = args.length > 2 ? Double.parseDouble(args[2]) : 1;
    Instant begin = args.length > 3 ? Instant.parse(args[3]) : DEFAULT_BEGIN;
    new RealisticOrganization("realistic", Size.DEFAULT.times(scale), seed, begin)
        .write(Path.of(args[0]));
  }

  public String name() {
    return "organizations/" + id;
  }

  public Size size() {
    return size;
  }

  /** Everything in it, in the order of an import, each in the form of an export and only once. */
  public List<ImportRecord> records() {
    return List.copyOf(records);
  }

  /** The models as the file names them, below the organization, the most popular first. */
  public List<String> models() {
    return List.copyOf(models);
  }

  static String user(int number) {
    return "user:u" + number + "@corp.example";
  }

  static String serviceAccount(int number) {
    return "serviceAccount:s" + number;
  }

  static String app(int number) {
    return "app:a" + number;
  }

  static String group(int number) {
    return "group:g" + number;
  }

  /** Writes all of it as JSON lines, the header first. */
  public void write(Path file) throws IOException {
    JsonFormat.Printer printer =
        JsonFormat.printer().omittingInsignificantWhitespace().sortingMapKeys();
    try (Writer out = Files.newBufferedWriter(file)) {
      ImportHeader header =
          ImportHeader.newBuilder()
              .setSchema(1)
              .setOrganization(name())
              .setCreateOrganization(true)
              .setEstimatedRecords(records.size())
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
      records.add(Records.principal(user(i), random.nextInt(100) == 0));
    }
    for (int i = 0; i < size.serviceAccounts(); i++) {
      records.add(Records.principal(serviceAccount(i), random.nextInt(50) == 0));
    }
    for (int i = 0; i < size.apps(); i++) {
      records.add(Records.principal(app(i), random.nextInt(50) == 0));
    }
    for (int i = 0; i < size.groups(); i++) {
      records.add(Records.principal(group(i), random.nextInt(100) == 0));
    }
  }

  /** Group g is on level g modulo depth, and in a group of the level above it. */
  private void memberships() {
    Set<ImportRecord> made = new LinkedHashSet<>();
    Zipf byGroup = new Zipf(size.groups(), 0.9);
    for (int g = 0; g < size.groups(); g++) {
      int level = g % size.depth();
      if (level > 0) {
        int above = random.nextInt(size.groups() / size.depth()) * size.depth() + level - 1;
        made.add(Records.membership(group(above), group(g)));
      }
      int members = 3 + size.users() / (10 + g);
      for (int m = 0; m < members; m++) {
        made.add(Records.membership(group(g), user(random.nextInt(size.users()))));
      }
    }
    for (int s = 0; s < size.serviceAccounts(); s++) {
      made.add(Records.membership(group(byGroup.next(random)), serviceAccount(s)));
    }
    records.addAll(made);
  }

  /** Most models are in environments; a few are not, or have adapters. */
  private void resources() {
    for (int e = 0; e < size.environments(); e++) {
      String environment = "environments/e" + e;
      records.add(Records.resource(environment));
      other(environment + "/applications/desk");
      other(environment + "/deployments/d" + e);
      other(environment + "/datasets/rows");
    }
    for (int m = 0; m < size.models(); m++) {
      boolean global = random.nextInt(20) == 0;
      int environment = random.nextInt(size.environments());
      String model = (global ? "" : "environments/e" + environment + "/") + "models/m" + m;
      models.add(model);
      records.add(Records.resource(model));
      int versions = random.nextInt(VERSIONS_MAX + 1);
      for (int v = 0; v < versions; v++) {
        other(model + "/versions/" + v);
      }
      if (random.nextInt(20) == 0) {
        other(model + "/adapters/a" + m);
      }
    }
  }

  private void other(String name) {
    others.add(name);
    records.add(Records.resource(name));
  }

  private void suspensions() {
    Set<ImportRecord> made = new LinkedHashSet<>();
    for (int i = 0; i < size.users() / 500; i++) {
      made.add(Records.suspendedPrincipal(user(i * 500 + random.nextInt(500)), "left in haste"));
    }
    made.add(Records.suspendedPrincipal(app(random.nextInt(size.apps())), "leaked key"));
    for (int i = 0; i < 3; i++) {
      int group = size.groups() / 2 + random.nextInt(size.groups() / 2);
      made.add(Records.suspendedPrincipal(group(group), "audit"));
    }
    for (int i = 0; i < 1 + size.models() / 200; i++) {
      int model = 50 + random.nextInt(models.size() - 50);
      made.add(Records.suspendedResource(models.get(model), "incident " + i));
    }
    made.add(Records.suspendedResource("environments/e" + (size.environments() - 1), "closed"));
    records.addAll(made);
  }
}
