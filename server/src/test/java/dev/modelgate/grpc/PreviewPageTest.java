package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.PreviewPlane.CLEO;
import static dev.modelgate.grpc.PreviewPlane.TRICKY;
import static dev.modelgate.grpc.PreviewPlane.share;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Previews over time and by page: from when until when, under which condition, in which order. */
final class PreviewPageTest {
  private static final String DAN = "user:dan@acme.com";
  private static final Timestamp LATER = Timestamps.fromSeconds(4_000_000_000L);
  private static final Timestamp LATEST = Timestamps.fromSeconds(4_100_000_000L);

  private final PreviewPlane world = new PreviewPlane();
  private final AdminPlane plane = world.plane;

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void preview_ofAShareWithTimes_saysFromWhenUntilWhen() {
    UpdateGrantsRequest.Builder share = share(DAN, "user");
    share.getChangesBuilder(0).setNotBefore(LATER).setExpiresAt(LATEST);
    PreviewResponse page = plane.admin().preview(PreviewPlane.of(share.build()).build());
    String times = " from " + Timestamps.toString(LATER) + " until " + Timestamps.toString(LATEST);
    assertEquals(
        List.of(DAN + " models/fraud" + times + " +get +predict"), PreviewPlane.lines(page));
    assertEquals(LATER, page.getValidUntil());
  }

  @Test
  void preview_ofALaterEnd_isAGainFromTheOldEndOn() {
    UpdateGrantsRequest.Builder share = share(CLEO, "user");
    share.getChangesBuilder(0).setExpiresAt(LATER);
    assertEquals(
        List.of(CLEO + " models/fraud from " + Timestamps.toString(LATER) + " -get -predict"),
        world.preview(share.build()));
    plane.admin().updateGrants(share.build());
    share.getChangesBuilder(0).setExpiresAt(LATEST);
    assertEquals(
        List.of(
            CLEO
                + " models/fraud from "
                + Timestamps.toString(LATER)
                + " until "
                + Timestamps.toString(LATEST)
                + " +get +predict"),
        world.preview(share.build()));
  }

  @Test
  void preview_ofACondition_isNeitherGainNorLoss() {
    UpdateGrantsRequest.Builder share = share(DAN, "user");
    share.getChangesBuilder(0).setCondition("context.trusted == true");
    PreviewRequest.Builder request = PreviewPlane.of(share.build());
    assertEquals(
        List.of(
            DAN
                + " models/fraud get=DENY[]CONDITIONAL[trusted]"
                + " predict=DENY[]CONDITIONAL[trusted]"),
        PreviewPlane.lines(plane.admin().preview(request.build())));
    assertEquals(
        List.of(DAN + " models/fraud +get +predict"),
        PreviewPlane.lines(plane.admin().preview(request.setContext(trusted(true)).build())));
    assertEquals(
        List.of(),
        PreviewPlane.lines(plane.admin().preview(request.setContext(trusted(false)).build())));
  }

  @Test
  void preview_inPages_isTheSame() {
    SuspendRequest suspend =
        SuspendRequest.newBuilder()
            .setTarget(SuspensionTarget.newBuilder().setOrganization(ACME))
            .build();
    List<String> whole = world.preview(suspend);
    assertTrue(whole.size() > 5, whole::toString);
    for (int size = 1; size <= whole.size() + 1; size++) {
      PreviewRequest.Builder request = PreviewPlane.of(suspend).setPageSize(size);
      List<String> found = new ArrayList<>();
      PreviewResponse page;
      do {
        page = plane.admin().preview(request.build());
        assertTrue(page.getChangesCount() <= size);
        found.addAll(PreviewPlane.lines(page.toBuilder().setComplete(true).build()));
        request.setPageToken(page.getNextPageToken());
      } while (!page.getNextPageToken().isEmpty());
      assertEquals(whole, found);
      assertTrue(page.getComplete());
    }
  }

  @Test
  void pageToken_isBoundTo_requestAndCaller() {
    PreviewRequest.Builder first =
        PreviewPlane.of(
                SuspendRequest.newBuilder()
                    .setTarget(SuspensionTarget.newBuilder().setResource(PROD))
                    .build())
            .setPageSize(1);
    String token = plane.admin().preview(first.build()).getNextPageToken();
    PreviewRequest next = first.setPageToken(token).build();
    assertEquals(
        1, plane.admin().preview(next.toBuilder().setPageSize(1).build()).getChangesCount());
    refused(Fault.PAGE_TOKEN_INVALID, () -> plane.as(ANA).preview(next));
    refused(
        Fault.PAGE_TOKEN_INVALID,
        () -> plane.admin().preview(next.toBuilder().setContext(trusted(true)).build()));
    PreviewRequest.Builder other =
        PreviewPlane.of(
            SuspendRequest.newBuilder()
                .setTarget(SuspensionTarget.newBuilder().setResource(TRICKY))
                .build());
    refused(
        Fault.PAGE_TOKEN_INVALID, () -> plane.admin().preview(other.setPageToken(token).build()));
    plane.share(TRICKY, CLEO, "user");
    PreviewResponse moved = plane.admin().preview(next.toBuilder().setPageSize(1_000).build());
    assertEquals("", moved.getNextPageToken());
    assertFalse(moved.getComplete(), "the organization has moved on");
  }

  private static Struct trusted(boolean trusted) {
    return Struct.newBuilder()
        .putFields("trusted", Value.newBuilder().setBoolValue(trusted).build())
        .build();
  }
}
