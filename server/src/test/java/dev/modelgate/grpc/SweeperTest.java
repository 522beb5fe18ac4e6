package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.model.Fault;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.RestorePrincipalRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The sweeper removes what deleted objects leave behind, and nothing else. */
final class SweeperTest {
  @Test
  void deleted_swept_leavesTheRowsOfOthers() throws InterruptedException {
    try (AdminPlane plane = new AdminPlane().withAcme();
        Sweeper sweeper = new Sweeper(plane.live, plane.committer, plane.clock, Duration.ZERO)) {
      plane.resource(PROD + "/models/old");
      plane.share(FRAUD, BEN, "user");
      plane.share(PROD + "/models/old", BEN, "user");
      plane.principal("group:risk");
      long before = rows(plane, Table.GRANTS);
      plane
          .admin()
          .deleteResource(DeleteResourceRequest.newBuilder().setName(PROD + "/models/old").build());
      plane
          .admin()
          .deletePrincipal(
              DeletePrincipalRequest.newBuilder()
                  .setOrganization(ACME)
                  .setPrincipal("group:risk")
                  .build());
      assertEquals(2, rows(plane, Table.ORPHANS));
      assertEquals(2, sweeper.sweep());
      assertEquals(0, rows(plane, Table.ORPHANS));
      assertEquals(0, rows(plane, Table.INACTIVE_GROUPS));
      assertEquals(before - 2, rows(plane, Table.GRANTS));
      assertEquals(0, sweeper.sweep());
    }
  }

  @Test
  void deletedPrincipal_withinTheWindow_isLeftToBeRestored() throws InterruptedException {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2027-01-15T11:00:00Z"));
    InstantSource wall = () -> Objects.requireNonNull(now.get());
    try (AdminPlane plane = new AdminPlane(wall.withZone(ZoneOffset.UTC)).withAcme();
        Sweeper sweeper =
            new Sweeper(plane.live, plane.committer, plane.clock, Duration.ofDays(30))) {
      plane.share(FRAUD, BEN, "user");
      delete(plane, BEN);
      now.set(Instant.parse("2027-02-14T10:59:59Z"));
      assertEquals(0, sweeper.sweep());
      now.set(Instant.parse("2027-02-14T11:00:00Z"));
      assertEquals(1, sweeper.sweep());
      assertEquals(0, rows(plane, Table.ORPHANS));
    }
  }

  /** A resource cannot be restored and does not wait for the window to pass. */
  @Test
  void deletedPrincipals_moreThanAreKept_goOldestFirst() throws InterruptedException {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2027-01-15T11:00:00Z"));
    InstantSource wall = () -> Objects.requireNonNull(now.get());
    try (AdminPlane plane = new AdminPlane(wall.withZone(ZoneOffset.UTC)).withAcme();
        Sweeper sweeper =
            new Sweeper(plane.live, plane.committer, plane.clock, Duration.ofDays(30), 2)) {
      List<String> names = List.of("user:c@acme.com", "user:a@acme.com", "user:b@acme.com");
      names.forEach(plane::principal);
      plane.resource(PROD + "/models/old");
      for (String name : names) {
        delete(plane, name);
        now.updateAndGet(instant -> Objects.requireNonNull(instant).plusSeconds(1));
      }
      plane
          .admin()
          .deleteResource(DeleteResourceRequest.newBuilder().setName(PROD + "/models/old").build());
      assertEquals(2, sweeper.sweep());
      assertEquals(2, rows(plane, Table.ORPHANS));
      for (String name : names) {
        var request =
            RestorePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(name)
                .setUid(uid(plane, name))
                .build();
        if (name.equals(names.get(0))) {
          AdminPlane.refused(Fault.NOT_RESTORABLE, () -> plane.admin().restorePrincipal(request));
        } else {
          assertEquals(name, plane.admin().restorePrincipal(request).getPrincipal().getPrincipal());
        }
      }
    }
  }

  private static void delete(AdminPlane plane, String principal) {
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .build());
  }

  private static String uid(AdminPlane plane, String principal) {
    return plane
        .admin()
        .getPrincipal(
            GetPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(principal).build())
        .getPrincipal()
        .getUid();
  }

  private static long rows(AdminPlane plane, Table table) {
    return plane.live.retained(
        state -> {
          var org = state.organization("acme").orElseThrow();
          long rows = 0;
          try (RowCursor cursor = state.view(org).scan(table, new byte[0], new byte[0])) {
            while (cursor.next()) {
              rows++;
            }
          }
          return rows;
        });
  }
}
