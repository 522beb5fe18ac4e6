package dev.modelgate.bench;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.grpc.Authentication;
import dev.modelgate.grpc.AuthorizationGrpcService;
import dev.modelgate.grpc.Bounds;
import dev.modelgate.grpc.ErrorMapper;
import dev.modelgate.grpc.GrpcServers;
import dev.modelgate.grpc.ServerSettings;
import dev.modelgate.grpc.SocketSettings;
import dev.modelgate.identity.Identity;
import dev.modelgate.identity.IdentitySettings;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Position;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import dev.modelgate.store.row.PrincipalRow;
import io.grpc.InsecureServerCredentials;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;

/** The sidecar's data plane as it is wired in production, with an echo beside it. */
final class BenchServer implements AutoCloseable {
  private static final int RECORDS = 1_000;

  /** About 10,000 entries for 20 million pairs: hardly a hit. */
  private static final long COLD_CACHE_BYTES = 4 << 20;

  private final List<AutoCloseable> parts = new ArrayList<>();
  private final OrganizationCommitter committer;
  private final Path socket;

  BenchServer(Path directory, int grants) {
    RocksReplica replica = keep(RocksReplica.open(RocksOptions.of(directory.resolve("store"))));
    Stamps stamps = new Stamps();
    LiveState state = keep(new LiveState(replica, stamps));
    MonotoneClock clock = new MonotoneClock(Clock.systemUTC());
    OrganizationCommitter[] fenced = new OrganizationCommitter[1];
    EmbeddedChangeLog log =
        keep(
            new EmbeddedChangeLog(
                replica.identity(),
                Position.START,
                state,
                state::recover,
                () -> fenced[0].onFenced(),
                AppendLimits.DEFAULT));
    this.committer = new OrganizationCommitter(state, replica, log, clock);
    fenced[0] = committer;
    fill(grants);
    PrometheusTelemetry telemetry = new PrometheusTelemetry();
    CheckOptions hot = CheckOptions.DEFAULT;
    CheckOptions cold = new CheckOptions("", COLD_CACHE_BYTES, 2, 1_024, 1_000);
    var listings = Executors.newSingleThreadExecutor();
    keep(listings::shutdownNow);
    ErrorMapper errors = new ErrorMapper();
    Lookups lookups = new Lookups(state, clock, new CelConditions());
    this.socket = directory.resolve("bench.sock");
    EchoedService service =
        new EchoedService(
            new AuthorizationGrpcService(
                keep(
                    new CachingAuthorizer(
                        state, stamps, clock, hot, new CelConditions(), telemetry)),
                lookups,
                listings,
                errors),
            new AuthorizationGrpcService(
                keep(
                    new CachingAuthorizer(
                        state, stamps, clock, cold, new CelConditions(), telemetry)),
                lookups,
                listings,
                errors));
    Authentication authentication =
        new Authentication(
            new Identity(AdminToken.NONE, IdentitySettings.NONE, clock, Telemetry.NONE),
            Authentication.Unidentified.LOCAL,
            clock,
            AuditTrail.NONE,
            Telemetry.NONE,
            new ErrorMapper());
    keep(
        GrpcServers.start(
            new ServerSettings(
                "127.0.0.1",
                0,
                InsecureServerCredentials.create(),
                Optional.of(new SocketSettings(socket, "rw-rw----", Optional.empty())),
                "127.0.0.1",
                0,
                InsecureServerCredentials.create(),
                Duration.ofSeconds(1)),
            List.of(service),
            List.of(),
            authentication,
            Bounds.DEFAULT));
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    for (int i = parts.size() - 1; i >= 0; i--) {
      try {
        parts.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("the benchmark's server did not stop", e);
      }
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.add(part);
    return part;
  }

  /** Every hot user may use every other hot model; the rest of the grants is anywhere. */
  private void fill(int grants) {
    String id = Questions.ORGANIZATION;
    commit("system", new Command.RegisterOrganization(id));
    commit(id, new Command.InitializeOrganization(id, "", "modelgate", Optional.empty()));
    List<Command.ImportItem> items = new ArrayList<>();
    String environment = "organizations/" + id + "/environments/prod";
    items.add(new Command.ImportResource(ResourceName.parse(environment), "", Map.of()));
    for (int model = 0; model < Questions.MODELS; model++) {
      items.add(
          new Command.ImportResource(ResourceName.parse(Questions.model(model)), "", Map.of()));
    }
    for (int user = 0; user < Questions.USERS; user++) {
      items.add(
          new Command.ImportPrincipal(
              PrincipalName.parse(Questions.user(user)),
              PrincipalRow.State.ACTIVE,
              PrincipalRow.GroupType.NONE,
              ""));
    }
    for (int pair = 0; pair < Questions.HOT_USERS * Questions.HOT_MODELS; pair += 2) {
      items.add(grant(pair % Questions.HOT_USERS, pair / Questions.HOT_USERS));
    }
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < grants; i++) {
      items.add(grant(random.nextInt(Questions.USERS), random.nextInt(Questions.MODELS)));
    }
    for (int from = 0; from < items.size(); from += RECORDS) {
      int to = Math.min(from + RECORDS, items.size());
      commit(id, new Command.ImportItems(items.subList(from, to), from + 1L));
    }
  }

  private static Command.ImportItem grant(int user, int model) {
    return new Command.ImportGrant(
        ResourceName.parse(Questions.model(model)),
        new Command.GrantChange(
            Command.GrantChange.Mode.MERGE,
            PrincipalName.parse(Questions.user(user)),
            "user",
            List.of(),
            false,
            false,
            0,
            Micros.NEVER,
            ""));
  }

  private void commit(String organization, Command command) {
    var unused =
        committer
            .commit(organization, Order.of(Requester.SYSTEM_ADMINISTRATOR), command)
            .toCompletableFuture()
            .join();
  }
}
