package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import org.junit.jupiter.api.Test;

/** The sweeper removes what deleted objects leave behind, and nothing else. */
final class SweeperTest {
  @Test
  void deleted_swept_leavesTheRowsOfOthers() throws InterruptedException {
    try (AdminPlane plane = new AdminPlane().withAcme();
        Sweeper sweeper = new Sweeper(plane.live, plane.committer)) {
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
