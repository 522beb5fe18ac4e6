package dev.modelgate.main;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.ListOrganizationsRequest;
import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.RotateAdminTokenResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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

  /** Neither as it is, nor its digest; whatever is logged, and in all that is kept. */
  @Test
  void token_isInItsFileAlone() throws Exception {
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    Logger ours = (Logger) LoggerFactory.getLogger("dev.modelgate");
    Level before = ours.getLevel();
    heard.start();
    ours.addAppender(heard);
    ours.setLevel(Level.TRACE);
    List<String> tokens = new ArrayList<>();
    try (SidecarBed bed = new SidecarBed(directory)) {
      tokens.add(bed.token());
      bed.sample();
      tokens.add(rotate(bed.admin()).getToken());
      assertDead(() -> assertWorks(bed.admin()));
      assertWorks(bed.admin("Bearer " + tokens.get(1)));
    } finally {
      ours.setLevel(before);
      ours.detachAppender(heard);
    }
    assertTrue(heard.list.size() > 2, "nothing is logged");
    for (String token : tokens) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
      List<String> forms =
          List.of(token, HexFormat.of().formatHex(digest), new String(digest, ISO_8859_1));
      for (ILoggingEvent event : heard.list) {
        forms.forEach(form -> assertFalse(event.getFormattedMessage().contains(form)));
      }
      for (Path file : files()) {
        String content = Files.readString(file, ISO_8859_1);
        forms.forEach(form -> assertFalse(content.contains(form), file::toString));
      }
    }
  }

  /** All that the sidecar keeps, but for the file of the token. */
  private List<Path> files() throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> files =
          walk.filter(Files::isRegularFile).filter(file -> !file.endsWith("admin.token")).toList();
      assertTrue(files.stream().anyMatch(file -> file.toString().contains("audit")));
      return files;
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
