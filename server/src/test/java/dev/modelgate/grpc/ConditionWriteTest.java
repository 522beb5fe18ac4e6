package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.ConditionPlane.CLEO;
import static dev.modelgate.grpc.ConditionPlane.change;
import static dev.modelgate.grpc.ConditionPlane.context;
import static dev.modelgate.grpc.ConditionPlane.update;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Change;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantChange.Mode;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which conditions may be written, and what becomes of them, through the wire. */
final class ConditionWriteTest {
  private static final String GO = "context.go";
  private static final String OTHER = "context.go && true";

  private final ConditionPlane bed = new ConditionPlane();

  @AfterEach
  void end() {
    bed.close();
  }

  private record Refusal(String condition, String expected) {}

  @TestFactory
  Stream<DynamicTest> condition_thatIsNone_isRefusedWithFieldValueAndWhatIsWrong() {
    String type = "a CEL expression of type bool; ";
    return Stream.of(
            new Refusal("context.a ==", type + "line 1, column 13: mismatched input the end"),
            new Refusal(
                "\"text\"", type + "line 1, column 1: expected type 'bool' but found 'string'"),
            new Refusal(
                "user.name == \"x\"", type + "line 1, column 1: undeclared reference to 'user'"),
            new Refusal(
                "[1].all(x, x > 0)", type + "line 1, column 8: macro `all` is not available"),
            new Refusal(
                "true" + " && true".repeat(13), type + "line 1, column 94: too many logical"))
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.condition(),
                    () -> {
                      var info =
                          refused(
                              Fault.INVALID_FIELD,
                              "changes[0].condition",
                              () -> bed.share(CLEO, "user", row.condition()));
                      String value = info.getMetadataOrThrow("value");
                      assertTrue(row.condition().startsWith(value.substring(0, 6)), value);
                      String expected = info.getMetadataOrThrow("expected");
                      assertTrue(expected.startsWith(row.expected()), expected);
                      assertEquals(List.of(), conditions(CLEO));
                    }));
  }

  @Test
  void condition_thatIsTooLong_isRefusedWithItsSize() {
    var info =
        refused(
            Fault.LIMIT_EXCEEDED,
            "changes[0].condition",
            () -> bed.share(CLEO, "user", "true ||" + " ".repeat(1_014) + "true"));
    assertEquals("1025", info.getMetadataOrThrow("size"));
    bed.share(CLEO, "user", "true ||" + " ".repeat(1_013) + "true");
    assertEquals("ALLOW", bed.predict(Struct.getDefaultInstance()));
  }

  @Test
  void request_withOneBadCondition_changesNothing() {
    UpdateGrantsRequest both =
        update(change(CLEO, "user", "")).toBuilder().addChanges(change(BEN, "user", "no")).build();
    refused(
        Fault.INVALID_FIELD, "changes[1].condition", () -> bed.plane.admin().updateGrants(both));
    assertEquals(List.of(), conditions(CLEO));
  }

  @Test
  void ownerRole_withACondition_isRefused() {
    refused(Fault.INVALID_FIELD, "condition", () -> bed.share(CLEO, "owner", "true"));
  }

  @Test
  void sameRole_underTwoConditions_isTwoGrants() {
    bed.share(CLEO, "user", GO);
    bed.share(CLEO, "user", OTHER);
    bed.share(CLEO, "user", GO);
    assertEquals(List.of(GO, OTHER), conditions(CLEO));
    bed.plane.admin().updateGrants(update(change(CLEO, "user", "").setMode(Mode.MODE_SET)));
    assertEquals(List.of(""), conditions(CLEO));
  }

  @Test
  void removal_withACondition_takesThatGrantAlone() {
    bed.share(CLEO, "user", "");
    bed.share(CLEO, "user", GO);
    bed.plane.admin().updateGrants(update(removal(CLEO, "user").setCondition(GO)));
    assertEquals(List.of(""), conditions(CLEO));
    refused(
        Fault.NOTHING_TO_REMOVE,
        () -> bed.plane.admin().updateGrants(update(removal(CLEO, "user").setCondition(GO))));
  }

  @Test
  void removal_withoutACondition_takesEveryGrantOfTheRole() {
    bed.share(CLEO, "user", "");
    bed.share(CLEO, "user", GO);
    bed.share(CLEO, "viewer", GO);
    bed.plane.admin().updateGrants(update(removal(CLEO, "user")));
    assertEquals("ACCESS", bed.predict(context("go", true)));
    assertEquals(List.of(GO), conditions(CLEO));
    bed.plane.admin().updateGrants(update(removal(CLEO, "").clearRole()));
    assertEquals(List.of(), conditions(CLEO));
  }

  @Test
  void removal_ofAllUnderACondition_isRefused() {
    refused(
        Fault.INVALID_FIELD,
        "changes[0].condition",
        () ->
            bed.plane.admin().updateGrants(update(removal(CLEO, "").clearRole().setCondition(GO))));
  }

  private static GrantChange.Builder removal(String principal, String role) {
    return GrantChange.newBuilder().setMode(Mode.MODE_REMOVE).setPrincipal(principal).setRole(role);
  }

  @Test
  void floor_ofSharers_countsNoneUnderACondition() {
    String dataset = PROD + "/datasets/claims";
    bed.plane.admin().createResource(CreateResourceRequest.newBuilder().setName(dataset).build());
    UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(dataset);
    bed.plane
        .admin()
        .updateGrants(
            request
                .clone()
                .addChanges(change(BEN, "editor", "").setCanShare(true))
                .addChanges(change(CLEO, "editor", "true").setCanShare(true))
                .build());
    for (GrantChange.Builder lowered :
        List.of(
            removal(BEN, "editor"),
            change(BEN, "editor", "true").setMode(Mode.MODE_SET).setCanShare(true))) {
      refused(
          Fault.LAST_SHARER,
          () -> bed.plane.admin().updateGrants(request.clone().addChanges(lowered).build()));
    }
    bed.plane
        .admin()
        .updateGrants(
            request
                .clone()
                .addChanges(removal(BEN, "editor"))
                .addChanges(change(CLEO, "editor", "").setCanShare(true))
                .build());
  }

  @Test
  void condition_ofAGrant_isInTheEventOfItsChange() {
    Iterator<WatchChangesResponse> watch =
        bed.plane
            .admin()
            .watchChanges(WatchChangesRequest.newBuilder().setOrganization(ACME).build());
    watch.next();
    bed.share(CLEO, "user", GO);
    assertEquals(
        List.of(GO),
        watch.next().getEvent().getChangesList().stream()
            .filter(Change::hasGrantPut)
            .map(put -> put.getGrantPut().getCondition())
            .toList());
  }

  @Test
  void condition_ofAGrant_isListedExportedAndImported() {
    bed.share(CLEO, "user", GO);
    bed.share(CLEO, "user", OTHER);
    Transfers transfers = new Transfers(bed.plane);
    List<ImportRecord> records = transfers.export(ACME).records();
    List<String> exported =
        records.stream()
            .filter(ImportRecord::hasGrant)
            .map(ImportRecord::getGrant)
            .filter(grant -> grant.getPrincipal().equals(CLEO))
            .map(ImportGrant::getCondition)
            .sorted()
            .toList();
    assertEquals(List.of(GO, OTHER), exported);
    bed.plane.admin().updateGrants(update(removal(CLEO, "").clearRole()));
    transfers.importing(header(), records);
    assertEquals(List.of(GO, OTHER), conditions(CLEO));
    assertEquals("ALLOW", bed.predict(context("go", true)));
    assertEquals("CONDITIONAL [go]", bed.predict(Struct.getDefaultInstance()));
  }

  @Test
  void import_withABadCondition_isRefused() {
    ImportRecord bad =
        ImportRecord.newBuilder()
            .setGrant(
                ImportGrant.newBuilder()
                    .setResource("environments/prod/models/fraud")
                    .setPrincipal(CLEO)
                    .setRole("user")
                    .setCondition("nonsense"))
            .build();
    refused(
        Fault.INVALID_FIELD,
        "grant.condition",
        () -> new Transfers(bed.plane).importing(header(), List.of(bad)));
  }

  private static ImportHeader.Builder header() {
    return ImportHeader.newBuilder().setSchema(1).setOrganization(ACME);
  }

  private List<Grant> grants(String resource) {
    return bed.plane
        .admin()
        .listGrants(ListGrantsRequest.newBuilder().setResource(resource).build())
        .getGrantsList();
  }

  /** The conditions of a principal's grants on the model fraud, sorted. */
  private List<String> conditions(String principal) {
    return grants(FRAUD).stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .map(Grant::getCondition)
        .sorted()
        .toList();
  }
}
