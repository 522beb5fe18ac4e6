package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.commit.ImportLine;
import dev.modelgate.app.commit.ImportRun;
import dev.modelgate.app.commit.ImportTarget;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationLoad;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.Digest;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import dev.modelgate.store.row.Rows;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An import makes the same change sets, to the byte, however it goes. */
final class ImportDigestTest {
  /**
   * The hash of all changes of the import below as they were before imports were made faster. It
   * changes when rules or row formats do; not when the same rules are worked out in another way.
   */
  private static final String DIGEST =
      "10cbfb1b8619bc4132bce7679274235e047d09f3fc288b8d4b3f6e016d18308f";

  private static final Command.InitializeOrganization INITIALIZE =
      new Command.InitializeOrganization("acme", "", "modelgate", Optional.empty());

  private static final int RECORDS = 6_000;
  private static final int SEEDS = 2;

  @Test
  void import_withManyBatchesUnderWay_makesTheChangeSetsThatItAlwaysMade() {
    try (Fixture fixture = new Fixture(new MemoryReplica(Rows::check))) {
      fixture.create();
      List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
      List<Command.ImportItem> items = items();
      for (int from = 0; from < items.size(); from += 700) {
        int to = Math.min(items.size(), from + 700);
        Command batch = new Command.ImportItems(items.subList(from, to), from);
        outcomes.add(fixture.bed.submit("acme", batch).toCompletableFuture());
      }
      outcomes.forEach(CompletableFuture::join);
      assertEquals(DIGEST, fixture.changes());
    }
  }

  /** Hazard 25: a new organization that is loaded past the log is the one that the log makes. */
  @Test
  void import_intoANewOrganizationInBulk_makesTheSameChangeSets(@TempDir Path directory) {
    for (long loadBytes : new long[] {10_000, 200_000, 16 << 20}) {
      RocksOptions options =
          RocksOptions.of(directory.resolve("store" + loadBytes))
              .withBlockCacheBytes(16 << 20)
              .withLoadBytes(loadBytes);
      try (RocksReplica replica = RocksReplica.open(options);
          Fixture fixture = new Fixture(replica)) {
        fixture.register();
        Order order = Order.of(Requester.SYSTEM_ADMINISTRATOR);
        try (OrganizationLoad load = fixture.bed.load("acme")) {
          load.commit("acme", order, INITIALIZE).toCompletableFuture().join();
          List<Command.ImportItem> items = items();
          for (int from = 0; from < items.size(); from += 700) {
            int to = Math.min(items.size(), from + 700);
            Command batch = new Command.ImportItems(items.subList(from, to), from);
            load.commit("acme", order, batch).toCompletableFuture().join();
          }
          assertEquals(0, fixture.head().version());
          load.publish();
        }
        assertEquals(DIGEST, fixture.changes());
        replica.verify();
        assertEquals(2, replica.position().value(), "registered, and one record for all");
      }
    }
  }

  @Test
  void import_brokenOffAnywhereAndRepeated_isTheImportThatWasNotBroken() {
    OrgHead unbroken;
    try (Fixture fixture = new Fixture(new MemoryReplica(Rows::check))) {
      fixture.create();
      fixture.run(RECORDS).finish();
      unbroken = fixture.head();
    }
    for (int i = 0; i < SEEDS; i++) {
      long seed = System.nanoTime() + i;
      SplittableRandom random = new SplittableRandom(seed);
      Replica replica = new MemoryReplica(Rows::check);
      try (Fixture fixture = new Fixture(replica)) {
        fixture.create();
      }
      for (int broken = random.nextInt(1, 4); broken > 0; broken--) {
        try (Fixture fixture = new Fixture(replica)) {
          // Batches that were handed over reach their outcome as the log is closed.
          fixture.run(random.nextInt(RECORDS));
        }
      }
      try (Fixture fixture = new Fixture(replica)) {
        fixture.run(RECORDS).finish();
        assertEquals(unbroken, fixture.head(), () -> "seed " + seed);
      }
    }
  }

  /** What an import remembers of its batches is not what others left of it. */
  @Test
  void import_ofAGrantToWhomAnotherCommandDeleted_isRefused() {
    try (Fixture fixture = new Fixture(new MemoryReplica(Rows::check))) {
      fixture.create();
      SplittableRandom random = new SplittableRandom(1);
      List<Command.ImportItem> items =
          List.of(
              principal(user(1), GroupType.NONE),
              resource(Bed.DEFAULT_PARENT),
              resource(model(1)),
              grant(user(1), model(1), random));
      Command again = new Command.ImportItems(items.subList(3, 4), 3);
      refuseNothing(fixture.bed.commit("acme", new Command.ImportItems(items, 0)));
      refuseNothing(fixture.bed.commit("acme", again));
      var deleted = fixture.bed.submit("acme", new Command.DeletePrincipal(name(user(1)), ""));
      Optional<Refusal> refusal = fixture.bed.commit("acme", again);
      deleted.toCompletableFuture().join();
      assertEquals(Optional.of(Fault.RECIPIENT_INACTIVE), refusal.map(Refusal::fault));
      assertEquals(
          Optional.of(Fault.RECIPIENT_INACTIVE),
          fixture.bed.commit("acme", again).map(Refusal::fault));
    }
  }

  private static void refuseNothing(Optional<?> refusal) {
    assertTrue(refusal.isEmpty(), () -> String.valueOf(refusal));
  }

  /** Principals, groups in groups, models, and grants, some of them twice or changed. */
  private static List<Command.ImportItem> items() {
    SplittableRandom random = new SplittableRandom(1);
    List<Command.ImportItem> items = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      items.add(principal(group(i), GroupType.ACCESS));
    }
    for (int i = 0; i < 400; i++) {
      items.add(principal(user(i), GroupType.NONE));
    }
    for (int i = 1; i < 40; i++) {
      items.add(new Command.ImportMembership(name(group(i / 7)), name(group(i))));
    }
    items.add(resource(Bed.DEFAULT_PARENT));
    for (int i = 0; i < 60; i++) {
      items.add(resource(model(i)));
    }
    while (items.size() < RECORDS) {
      int dice = random.nextInt(20);
      String who = dice < 4 ? group(random.nextInt(40)) : user(random.nextInt(450));
      if (dice == 0) {
        items.add(new Command.ImportMembership(name(group(random.nextInt(40))), name(user(dice))));
      } else if (dice == 1) {
        items.add(
            new Command.ImportSuspension(
                Optional.empty(), Optional.of(ResourceName.parse(model(dice))), "why"));
      } else {
        items.add(grant(who, model(random.nextInt(60)), random));
      }
    }
    return items;
  }

  private static Command.ImportItem grant(String who, String model, SplittableRandom random) {
    boolean timed = random.nextInt(5) == 0;
    return new Command.ImportGrant(
        ResourceName.parse(model),
        new GrantChange(
            GrantChange.Mode.MERGE,
            name(who),
            random.nextBoolean() ? "user" : "editor",
            List.of(),
            random.nextInt(10) == 0,
            false,
            0,
            timed ? HandClock.BEGIN_MICROS + random.nextLong(1, 1L << 40) : Micros.NEVER,
            random.nextInt(9) == 0 ? "a note" : ""));
  }

  private static Command.ImportItem principal(String name, GroupType type) {
    return new Command.ImportPrincipal(name(name), PrincipalRow.State.ACTIVE, type, "");
  }

  private static Command.ImportItem resource(String name) {
    return new Command.ImportResource(ResourceName.parse(name), "", Map.of());
  }

  private static PrincipalName name(String text) {
    return PrincipalName.parse(text);
  }

  private static String user(int number) {
    return "user:u" + number + "@acme.com";
  }

  private static String group(int number) {
    return "group:g" + number + "@acme.com";
  }

  private static String model(int number) {
    return Bed.DEFAULT_PARENT + "/models/m" + number;
  }

  /** A node over a replica, at a time that stands still. */
  private static final class Fixture implements AutoCloseable {
    private final Replica replica;
    private final Bed bed;

    Fixture(Replica replica) {
      this.replica = replica;
      this.bed = new Bed(replica, new Stamps(), new HandClock(), 0);
    }

    void create() {
      register();
      refuseNothing(bed.commit("acme", INITIALIZE));
    }

    void register() {
      refuseNothing(bed.commit("system", new Command.RegisterOrganization("acme")));
    }

    /** The import under one request id, as far as to that many records. */
    ImportRun run(int records) {
      Order order =
          new Order(
              Requester.SYSTEM_ADMINISTRATOR, new RequestId("import-1"), new byte[32], "why", "");
      ImportRun run = new ImportRun(ImportTarget.existing(bed::submit), "acme", order, 0);
      for (Command.ImportItem item : items().subList(0, records)) {
        byte[] form = item.toString().getBytes(StandardCharsets.UTF_8);
        run.add(new ImportLine(item, form.length, () -> form));
      }
      return run;
    }

    OrgHead head() {
      var org = bed.publication().current().organization("acme").orElseThrow();
      return org.head();
    }

    /** A hash of what every change set changes, the creation of the organization apart. */
    String changes() {
      OrgHead head = head();
      MessageDigest hash = Digest.sha256();
      for (long version = 2; version <= head.version(); version++) {
        byte[] stored = replica.read(head.org(), version).orElseThrow().stored();
        for (Mutation mutation : ChangeSetCodec.decode(stored).mutations()) {
          byte[] value = mutation instanceof Mutation.Put put ? put.value() : new byte[0];
          hash.update(
              new ByteWriter(64)
                  .fixed64(version)
                  .text(mutation.table().name())
                  .bytes(mutation.key())
                  .bytes(value)
                  .toBytes());
        }
      }
      return HexFormat.of().formatHex(hash.digest());
    }

    @Override
    public void close() {
      bed.close();
    }
  }
}
