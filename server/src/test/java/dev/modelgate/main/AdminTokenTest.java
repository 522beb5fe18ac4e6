package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.ListOrganizationsRequest;
import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.RotateAdminTokenResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The admin token of a whole sidecar is rotated. */
final class AdminTokenTest {
  @TempDir Path directory;

  @Test
  void rotate_newTokenWorks_oldOneIsDead_alsoAfterARestart() throws Exception {
    String next;
    try (SidecarBed bed = new SidecarBed(directory)) {
      next = rotate(bed.admin()).getToken();
      assertNotEquals(bed.token(), next);
      assertEquals(next, Files.readString(directory.resolve("admin.token")).strip());
      assertWorks(bed.admin("Bearer " + next));
      assertDead(() -> assertWorks(bed.admin()));
      assertDead(() -> rotate(bed.admin()));
      assertEquals(next, Files.readString(directory.resolve("admin.token")).strip());
    }
    try (SidecarBed again = new SidecarBed(directory)) {
      assertEquals(next, again.token());
      assertWorks(again.admin());
    }
  }

  @Test
  void rotate_streamThatTheOldTokenBegan_endsBeforeItsNextMessage() throws Exception {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      Iterator<WatchChangesResponse> changes =
          bed.admin()
              .watchChanges(
                  WatchChangesRequest.newBuilder().setOrganization("organizations/acme").build());
      assertTrue(changes.hasNext());
      assertFalse(changes.next().hasEvent());
      AdminServiceBlockingStub next = bed.admin("Bearer " + rotate(bed.admin()).getToken());
      SidecarBed.share(next, SidecarBed.FRAUD, "user:ben@acme.com", "user");
      assertDead(changes::hasNext);
    }
  }

  @Test
  void disable_byTheTokenItself_isRefused() throws Exception {
    try (SidecarBed bed = new SidecarBed(directory)) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  bed.admin()
                      .rotateAdminToken(
                          RotateAdminTokenRequest.newBuilder().setDisable(true).build()));
      assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
      assertWorks(bed.admin());
    }
  }

  @Test
  void rotate_onBehalfOfAnAdministrator_isRefused() throws Exception {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class, () -> rotate(bed.adminFor("user:ana@acme.com")));
      assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
      assertWorks(bed.admin());
    }
  }

  private static RotateAdminTokenResponse rotate(AdminServiceBlockingStub admin) {
    return admin.rotateAdminToken(RotateAdminTokenRequest.getDefaultInstance());
  }

  private static void assertWorks(AdminServiceBlockingStub admin) {
    assertTrue(
        admin.listOrganizations(ListOrganizationsRequest.getDefaultInstance()).isInitialized());
  }

  private static void assertDead(Executable call) {
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call);
    assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
  }
}
