package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Duration;
import dev.modelgate.trail.TrailVerifier;
import dev.modelgate.v1.BreakGlassRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a sidecar writes into its trail, and what not. */
final class SidecarTrailTest {
  @TempDir Path directory;

  @Test
  void refusedAttempt_isRecordedWithWhoAndWhat() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      int before = trail(bed).size();
      refused(
          () ->
              bed.adminFor("user:cleo@acme.com")
                  .updateGrants(
                      UpdateGrantsRequest.newBuilder()
                          .setResource(SidecarBed.FRAUD)
                          .setReason("because")
                          .setRequestId("id-1")
                          .addChanges(
                              GrantChange.newBuilder()
                                  .setMode(GrantChange.Mode.MODE_SET)
                                  .setPrincipal("user:ben@acme.com")
                                  .setRole("owner"))
                          .build()));
      List<JsonObject> events = trail(bed);
      assertEquals(before + 1, events.size());
      JsonObject event = events.get(before);
      assertEquals("REFUSAL", text(event, "kind"));
      assertEquals("NOT_PERMITTED", text(event, "what"));
      assertEquals("token:bootstrap", text(event, "credential"));
      assertEquals("user:cleo@acme.com", text(event, "onBehalfOf"));
      assertTrue(text(event, "peer").startsWith("127.0.0.1:"));
      assertEquals("modelgate.v1.AdminService/UpdateGrants", text(event, "method"));
      assertEquals("acme", text(event, "organization"));
      assertEquals(SidecarBed.FRAUD, text(event, "resource"));
      assertEquals("[\"user:ben@acme.com\"]", event.get("principals").toString());
      assertEquals(
          bed.check("user:ana@acme.com", SidecarBed.FRAUD, "predict").getRevision(),
          text(event, "revision"));
      assertEquals("because", text(event, "reason"));
      assertEquals("id-1", text(event, "requestId"));
    }
  }

  @Test
  void everySortOfRefusal_isRecorded() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      GetResourceRequest churn = GetResourceRequest.newBuilder().setName(SidecarBed.CHURN).build();
      int before = trail(bed).size();
      refused(() -> bed.adminFor("user:cleo@acme.com").getResource(churn)); // Hidden.
      refused(
          () ->
              bed.adminFor("user:cleo@acme.com")
                  .deleteResource(
                      DeleteResourceRequest.newBuilder().setName(SidecarBed.FRAUD).build()));
      refused(() -> bed.adminFor("nonsense").getResource(churn));
      assertEquals(
          List.of("REFUSAL NOT_FOUND", "REFUSAL NOT_PERMITTED", "REFUSAL ON_BEHALF_OF_INVALID"),
          kinds(trail(bed), before));
    }
  }

  @Test
  void whatIsNoAttempt_isNotRecorded() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      int before = trail(bed).size();
      refused(
          () ->
              bed.admin()
                  .getPolicy(
                      GetPolicyRequest.newBuilder()
                          .setResource(SidecarBed.PROD + "/models/missing")
                          .build()));
      refused(() -> bed.admin().getPolicy(GetPolicyRequest.getDefaultInstance()));
      refused(
          () ->
              bed.admin()
                  .updateGrants(
                      UpdateGrantsRequest.newBuilder()
                          .setResource(SidecarBed.FRAUD)
                          .setEtag("stale")
                          .addChanges(
                              GrantChange.newBuilder()
                                  .setMode(GrantChange.Mode.MODE_SET)
                                  .setPrincipal("user:ben@acme.com")
                                  .setRole("user"))
                          .build()));
      assertEquals("NO_GRANT", bed.answer("user:ben@acme.com", SidecarBed.FRAUD, "predict"));
      assertEquals(List.of(), kinds(trail(bed), before));
    }
  }

  @Test
  void failedLogin_isRecordedWithoutTheToken() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      int before = trail(bed).size();
      GetPolicyRequest request =
          GetPolicyRequest.newBuilder().setResource(SidecarBed.FRAUD).build();
      refused(() -> bed.admin("Bearer hunter2hunter2hunter2hunter2hunter2").getPolicy(request));
      refused(() -> bed.admin(new Metadata()).getPolicy(request));
      List<JsonObject> events = trail(bed);
      assertEquals(
          List.of("LOGIN_FAILURE UNAUTHENTICATED", "LOGIN_FAILURE UNAUTHENTICATED"),
          kinds(events, before));
      assertEquals("{\"problem\":\"token\"}", events.get(before).get("after").toString());
      assertEquals("{\"problem\":\"missing\"}", events.get(before + 1).get("after").toString());
      assertEquals("", text(events.get(before), "credential"));
      String all = all(bed);
      assertFalse(all.contains("hunter2"));
      assertFalse(all.contains(bed.token()));
    }
  }

  @Test
  void suspension_isRecordedWithItsRevision() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      int before = trail(bed).size();
      SuspensionTarget fraud = SuspensionTarget.newBuilder().setResource(SidecarBed.FRAUD).build();
      String revision =
          bed.admin()
              .suspend(SuspendRequest.newBuilder().setTarget(fraud).setReason("incident 7").build())
              .getRevision();
      bed.admin().resume(ResumeRequest.newBuilder().setTarget(fraud).build());
      List<JsonObject> events = trail(bed);
      assertEquals(List.of("EMERGENCY SUSPENDED", "EMERGENCY RESUMED"), kinds(events, before));
      assertEquals(revision, text(events.get(before), "revision"));
      assertEquals("incident 7", text(events.get(before), "reason"));
      assertEquals(SidecarBed.FRAUD, text(events.get(before), "resource"));
    }
  }

  @Test
  void brokenGlass_isRecordedAsWhatItIs() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      String revision =
          bed.admin()
              .breakGlass(
                  BreakGlassRequest.newBuilder()
                      .setResource(SidecarBed.FRAUD)
                      .setPrincipal("user:ben@acme.com")
                      .setRole("user")
                      .setDuration(Duration.newBuilder().setSeconds(60))
                      .setReason("incident 8")
                      .build())
              .getRevision();
      List<JsonObject> events = trail(bed);
      JsonObject last = events.get(events.size() - 1);
      assertEquals(List.of("EMERGENCY GLASS_BROKEN"), kinds(events, events.size() - 1));
      assertEquals(revision, text(last, "revision"));
      assertEquals("incident 8", text(last, "reason"));
      assertEquals(
          1, new Probe(bed.sidecar().httpPort()).metric("modelgate_break_glass_total"), "an alarm");
    }
  }

  @Test
  void start_withOtherSettings_isRecordedWithBoth() throws IOException {
    ServeOptions options = SidecarBed.options(directory);
    new SidecarBed(options).close();
    new SidecarBed(options).close();
    options.defaultParent = SidecarBed.PROD + "/units/a";
    try (SidecarBed bed = new SidecarBed(options)) {
      List<JsonObject> events = trail(bed);
      assertEquals(
          List.of("CONFIGURATION SETTINGS_CHANGED", "CONFIGURATION SETTINGS_CHANGED"),
          kinds(events, 0));
      JsonObject first = events.get(0);
      assertEquals("none", first.getAsJsonObject("after").get("socket").getAsString());
      JsonObject second = events.get(1);
      assertEquals(
          "{\"default-parent\":\"" + SidecarBed.PROD + "\"}", second.get("before").toString());
      assertEquals(
          "{\"default-parent\":\"" + options.defaultParent + "\"}", second.get("after").toString());
    }
    assertEquals(
        List.of(), TrailVerifier.directory(directory.resolve("audit"), Optional.empty()).breaks());
  }

  @Test
  void flood_ofOneCaller_leavesRoomForOthersAndIsCounted() throws IOException {
    ServeOptions options = SidecarBed.options(directory);
    options.audit.bytesPerMinute = 1;
    try (SidecarBed bed = new SidecarBed(options)) {
      bed.sample();
      GetPolicyRequest request =
          GetPolicyRequest.newBuilder().setResource(SidecarBed.FRAUD).build();
      int calls = 400;
      for (int i = 0; i < calls; i++) {
        refused(() -> bed.admin("Bearer no").getPolicy(request));
      }
      long dropped = bed.sidecar().trail().dropped();
      assertTrue(dropped > 100 && dropped < calls, "dropped " + dropped);
      refused(() -> bed.adminFor("user:cleo@acme.com").getPolicy(request));
      List<JsonObject> events = trail(bed);
      JsonObject last = events.get(events.size() - 1);
      assertEquals("NOT_PERMITTED", text(last, "what"));
      long told =
          events.stream()
              .filter(event -> event.has("dropped"))
              .mapToLong(event -> event.get("dropped").getAsLong())
              .sum();
      assertEquals(dropped, told);
    }
  }

  private static void refused(Executable call) {
    assertThrows(StatusRuntimeException.class, call);
  }

  private static List<String> kinds(List<JsonObject> events, int from) {
    return events.stream()
        .skip(from)
        .map(event -> text(event, "kind") + " " + text(event, "what"))
        .toList();
  }

  private static String text(JsonObject event, String field) {
    return event.has(field) ? event.get(field).getAsString() : "";
  }

  private static List<JsonObject> trail(SidecarBed bed) throws IOException {
    List<JsonObject> events = new ArrayList<>();
    all(bed).lines().forEach(line -> events.add(JsonParser.parseString(line).getAsJsonObject()));
    return events;
  }

  private static String all(SidecarBed bed) throws IOException {
    assertTrue(bed.sidecar().trail().flush(10_000));
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(bed.sidecar().trail().directory())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }
}
