package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.ActsFor;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A credential that ends while its call is under way (hazard 34). The clock ticks once at each look
 * at it, and each round has the credential end one tick later: whenever that is, no change is
 * stamped with that time or a later one.
 */
final class CredentialEndTest {
  private static final String ROOT = "user:root@acme.com";
  private static final String PORTAL = "serviceAccount:portal";

  private static final RotateAdminTokenRequest ROTATE =
      RotateAdminTokenRequest.getDefaultInstance();

  /** More than any call looks at the clock. */
  private static final int TICKS_MAX = 200;

  private enum Came {
    REFUSED,
    WELL,
    BEFORE_THE_END
  }

  private final TickingClock wall = new TickingClock();
  private final CallersBed bed =
      new CallersBed(
          new CallerRules(
              List.of(
                  rule(ROOT, true, Optional.empty()),
                  rule(PORTAL, false, Optional.of(new ActsFor(Set.of("acme"), Optional.empty()))))),
          wall);
  private volatile String token = "one";
  private int made;

  private static CallerRule rule(String who, boolean administrator, Optional<ActsFor> actsFor) {
    return new CallerRule(
        List.of(CallerPattern.parse(who)), administrator, actsFor, Optional.empty());
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void systemAdministrator_whoseTokenEndsOnTheWay_changesNothingFromThenOn() {
    atEveryTick(this::root, this::create);
    atEveryTick(this::root, this::createOrganization);
  }

  @Test
  void principal_whoseTokenEndsOnTheWay_changesNothingFromThenOn() {
    atEveryTick(end -> bed.admin(bed.issueUntil(end, "ana", ANA)), this::create);
  }

  @Test
  void frontEnd_whoseTokenEndsOnTheWay_changesNothingFromThenOn() {
    bed.plane.principal(PORTAL);
    atEveryTick(end -> bed.admin(bed.issueUntil(end, "portal", PORTAL), ANA), this::create);
  }

  @Test
  void adminToken_rotatedOnTheWay_changesNothingFromThenOn() {
    atEveryTick(this::rotated, this::create);
    atEveryTick(end -> rotated(end, ANA), this::create);
  }

  @Test
  void import_whoseCredentialEndsOnTheWay_changesNothingFromThenOn() {
    atEveryTick(this::root, this::importOne);
    atEveryTick(this::rotated, this::importOne);
  }

  @Test
  void watches_whoseCredentialEnds_giveTheirPlacesBack() {
    WatchChangesRequest request = WatchChangesRequest.newBuilder().setOrganization(ACME).build();
    for (int i = 0; i <= AdminPlane.WATCHES_MAX; i++) {
      Iterator<WatchChangesResponse> changes =
          whenThereIsAPlace(
              () -> {
                Iterator<WatchChangesResponse> watch = bed.admin(token).watchChanges(request);
                assertFalse(watch.next().hasEvent());
                return watch;
              });
      token = bed.plane.token.rotate();
      create(bed.admin(token));
      StatusRuntimeException cut = assertThrows(StatusRuntimeException.class, changes::hasNext);
      assertEquals(Status.Code.UNAUTHENTICATED, cut.getStatus().getCode());
    }
  }

  /** No log tells when a token was rotated: what is seen is that more than one look counts. */
  @Test
  void rotation_byATokenThatEndsOnTheWay_isRefused() {
    int refused =
        rounds(
            this::root,
            admin -> {
              String before = token;
              String next = admin.rotateAdminToken(ROTATE).getToken();
              assertEquals(before + "x", next, "a refused call had rotated it");
              token = next;
            });
    assertTrue(refused >= 2, "the credential is looked at when the call comes, and never again");
  }

  /** Each round has the credential end one tick later, until a call is over before it. */
  private void atEveryTick(
      LongFunction<AdminServiceBlockingStub> ending, Consumer<AdminServiceBlockingStub> call) {
    assertTrue(rounds(ending, call) >= 2, "the credential is looked at once");
  }

  private int rounds(
      LongFunction<AdminServiceBlockingStub> ending, Consumer<AdminServiceBlockingStub> call) {
    int refused = 0;
    for (int i = 1; i < TICKS_MAX; i++) {
      int ticks = i;
      Came came = whenThereIsAPlace(() -> round(ticks, ending, call));
      if (came == Came.BEFORE_THE_END) {
        wall.atTick(Long.MAX_VALUE, () -> {});
        return refused;
      }
      refused += came == Came.REFUSED ? 1 : 0;
    }
    throw new AssertionError("the call looks at the clock without end");
  }

  private Came round(
      int ticks,
      LongFunction<AdminServiceBlockingStub> ending,
      Consumer<AdminServiceBlockingStub> call) {
    long end = wall.micros() + ticks;
    AdminServiceBlockingStub admin = ending.apply(end);
    Came came = Came.WELL;
    try {
      call.accept(admin);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNAUTHENTICATED) {
        throw e;
      }
      came = Came.REFUSED;
    }
    for (OrgState organization : bed.plane.live.current().organizations()) {
      long at = Micros.of(organization.head().at());
      assertTrue(
          at < end, () -> organization.id() + " has a change of then or later, tick " + ticks);
    }
    return wall.micros() < end ? Came.BEFORE_THE_END : came;
  }

  /** A handler hears that its call was cut a moment after the client did. */
  private static <T> T whenThereIsAPlace(Supplier<T> call) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        return call.get();
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
          throw e;
        }
        assertTrue(System.nanoTime() < deadline, "a call that was cut keeps its place");
      }
    }
  }

  private AdminServiceBlockingStub root(long end) {
    return bed.admin(bed.issueUntil(end, "root", ROOT));
  }

  private AdminServiceBlockingStub rotated(long end, String... onBehalfOf) {
    wall.atTick(end, () -> token = bed.plane.token.rotate());
    return bed.admin(token, onBehalfOf);
  }

  private void create(AdminServiceBlockingStub admin) {
    admin.createResource(
        CreateResourceRequest.newBuilder().setName(PROD + "/models/m" + made++).build());
  }

  private void createOrganization(AdminServiceBlockingStub admin) {
    admin.createOrganization(
        CreateOrganizationRequest.newBuilder().setOrganizationId("o" + made++).build());
  }

  private void importOne(AdminServiceBlockingStub admin) {
    Transfers.send(
        AdminServiceGrpc.newStub(admin.getChannel()),
        List.of(
            ImportRequest.newBuilder().setHeader(Transfers.header()).build(),
            Transfers.records(List.of(Transfers.user("user:u" + made++ + "@acme.com")))));
  }

  /** Goes on by one microsecond whenever it is read, and does something at one of these times. */
  private static final class TickingClock extends Clock {
    private long micros = 1_800_000_000_000_000L;
    private long actsAt = Long.MAX_VALUE;
    private Runnable action = () -> {};

    synchronized long micros() {
      return micros;
    }

    synchronized void atTick(long time, Runnable then) {
      actsAt = time;
      action = then;
    }

    /** Nobody reads a later time before the action is done. */
    @Override
    public synchronized Instant instant() {
      micros++;
      if (micros == actsAt) {
        action.run();
      }
      return Micros.toInstant(micros);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
