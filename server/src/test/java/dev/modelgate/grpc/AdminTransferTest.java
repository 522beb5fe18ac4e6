package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.Transfers.group;
import static dev.modelgate.grpc.Transfers.header;
import static dev.modelgate.grpc.Transfers.member;
import static dev.modelgate.grpc.Transfers.records;
import static dev.modelgate.grpc.Transfers.user;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import com.google.rpc.ErrorInfo;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Organizations out of a node and into it. */
final class AdminTransferTest {
  private final AdminPlane plane = new AdminPlane();
  private final Transfers transfers = new Transfers(plane);

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void export_importedElsewhere_exportsTheSame() {
    furnish();
    Transfers.Exported first = transfers.export(ACME);
    ImportResponse answer =
        transfers.importing(
            ImportHeader.newBuilder()
                .setSchema(1)
                .setOrganization("organizations/copy")
                .setCreateOrganization(true)
                .setDisplayName(first.header().getDisplayName()),
            rooted(first.records(), "organizations/copy"));
    Transfers.Exported second = transfers.export("organizations/copy");
    assertEquals(first.records().size(), answer.getAppliedRecords());
    assertEquals(rooted(first.records(), "organizations/copy"), second.records());
    assertEquals("Acme", second.header().getDisplayName());
    assertEquals(answer.getRevision(), second.header().getSourceRevision());
  }

  @Test
  void import_repeated_changesNothing() {
    furnish();
    Transfers.Exported before = transfers.export(ACME);
    transfers.importing(header(), before.records());
    assertEquals(before.records(), transfers.export(ACME).records());
  }

  @Test
  void import_largerThanABatch_countsAllByType() {
    List<ImportRecord> records = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      records.add(user("user:u" + i + "@acme.com"));
    }
    records.add(group("group:all"));
    for (int i = 0; i < 2_500; i++) {
      records.add(member("group:all", "user:u" + i + "@acme.com"));
    }
    ImportResponse answer = transfers.importing(header().setRequestId("r1"), records);
    assertEquals(2_501, answer.getCounts().getPrincipals());
    assertEquals(2_500, answer.getCounts().getMemberships());
    assertEquals(5_001, answer.getAppliedRecords());
    assertEquals(
        answer.getRevision(),
        transfers.importing(header().setRequestId("r1"), records).getRevision());
  }

  @Test
  void import_ofAWrongRecord_saysItsLineAndWhereToGoOn() {
    List<ImportRecord> records = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      records.add(user("user:u" + i + "@acme.com"));
    }
    records.set(431, member("group:none", "user:u1@acme.com"));
    ErrorInfo info = refused(Fault.UNKNOWN_PRINCIPAL, () -> transfers.importing(header(), records));
    assertEquals("433", info.getMetadataOrThrow("line"));
    assertEquals("431", info.getMetadataOrThrow("applied_records"));
    assertEquals(432, transfers.users());
    records.set(431, group("group:none"));
    ImportResponse answer = transfers.importing(header().setSkipRecords(431), records);
    assertEquals(431, answer.getSkippedRecords());
    assertEquals(269, answer.getAppliedRecords());
    assertEquals(700, transfers.users());
  }

  @Test
  void import_ofAMalformedRecord_appliesThoseBefore() {
    ErrorInfo info =
        refused(
            Fault.INVALID_FIELD,
            "principal.principal",
            () -> transfers.importing(header(), List.of(user("user:u@acme.com"), user("nobody"))));
    assertEquals("3", info.getMetadataOrThrow("line"));
    assertEquals("1", info.getMetadataOrThrow("applied_records"));
    assertEquals(2, transfers.users());
  }

  @Test
  void principal_withoutStateAndSubtype_keepsBoth() {
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal("group:owners")
                .setState(Principal.State.STATE_DISABLED)
                .setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_OWNER)
                .build());
    transfers.importing(header(), List.of(group("group:owners"), user("user:new@acme.com")));
    ImportPrincipal group = transfers.exported("group:owners");
    assertEquals(Principal.State.STATE_DISABLED, group.getState());
    assertEquals(Principal.GroupSubtype.GROUP_SUBTYPE_OWNER, group.getGroupSubtype());
    assertEquals(Principal.State.STATE_ACTIVE, transfers.exported("user:new@acme.com").getState());
  }

  @Test
  void principal_withState_isBroughtToIt() {
    transfers.importing(header(), List.of(user(BEN, Principal.State.STATE_DISABLED)));
    assertEquals(Principal.State.STATE_DISABLED, transfers.exported(BEN).getState());
    transfers.importing(header(), List.of(user(BEN, Principal.State.STATE_ACTIVE)));
    assertEquals(Principal.State.STATE_ACTIVE, transfers.exported(BEN).getState());
  }

  /** Hazard 13: who is deleted in one organization is nobody new in the one that its file makes. */
  @Test
  void principal_deleted_isSoWhereverTheFileIsRead() {
    String gone = "user:gone@acme.com";
    plane.principal(gone);
    delete(gone);
    assertEquals(Principal.State.STATE_DELETED, transfers.exported(gone).getState());
    transfers.importing(
        ImportHeader.newBuilder()
            .setSchema(1)
            .setOrganization("organizations/copy")
            .setCreateOrganization(true),
        rooted(transfers.export(ACME).records(), "organizations/copy"));
    refused(Fault.RECIPIENT_INACTIVE, () -> plane.share("organizations/copy", gone, "viewer"));
    assertEquals(
        Principal.State.STATE_DELETED,
        plane
            .admin()
            .getPrincipal(
                GetPrincipalRequest.newBuilder()
                    .setOrganization("organizations/copy")
                    .setPrincipal(gone)
                    .build())
            .getPrincipal()
            .getState());
    // Made anew, the name is exported as whoever has it.
    plane.principal(gone);
    assertEquals(Principal.State.STATE_ACTIVE, transfers.exported(gone).getState());
  }

  @Test
  void principal_deletedInTheFile_whoIsHere_isRefusedAndStays() {
    transfers.importing(header(), List.of(user(BEN)));
    ImportRecord deleted = user(BEN, Principal.State.STATE_DELETED);
    ErrorInfo info =
        refused(Fault.ALREADY_EXISTS, () -> transfers.importing(header(), List.of(deleted)));
    assertEquals(BEN, info.getMetadataOrThrow("name"));
    assertEquals("0", info.getMetadataOrThrow("item"));
    assertEquals(Principal.State.STATE_ACTIVE, transfers.exported(BEN).getState());
    ImportRecord more =
        ImportRecord.newBuilder()
            .setPrincipal(deleted.getPrincipal().toBuilder().setDisplayName("Ben"))
            .build();
    refused(
        Fault.INVALID_FIELD, "principal.state", () -> transfers.importing(header(), List.of(more)));
    assertEquals(
        1,
        transfers
            .importing(header(), List.of(user("user:x", Principal.State.STATE_DELETED)))
            .getCounts()
            .getPrincipals());
  }

  private void delete(String principal) {
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .build());
  }

  @Test
  void header_malformed_isRefused() {
    ErrorInfo schema =
        refused(
            Fault.SCHEMA_UNSUPPORTED, () -> transfers.importing(header().setSchema(2), List.of()));
    assertEquals("1", schema.getMetadataOrThrow("supported"));
    assertEquals("1", schema.getMetadataOrThrow("line"));
    refused(
        Fault.NOT_FOUND,
        () -> transfers.importing(header().setOrganization("organizations/none"), List.of()));
    refused(
        Fault.INVALID_FIELD,
        "header.profile",
        () -> transfers.importing(header().setProfile("datarobot"), List.of()));
    refused(
        Fault.ALREADY_EXISTS,
        () -> transfers.importing(header().setCreateOrganization(true), List.of()));
    refused(Fault.INVALID_FIELD, "header", () -> transfers.send(List.of()));
    refused(
        Fault.INVALID_FIELD, "records", () -> transfers.send(List.of(records(List.of(user(BEN))))));
    refused(
        Fault.LIMIT_EXCEEDED,
        "records.records",
        () ->
            transfers.send(
                List.of(
                    ImportRequest.newBuilder().setHeader(header()).build(),
                    records(Collections.nCopies(1_001, user(BEN))))));
  }

  @Test
  void record_inAnotherOrganization_isRefused() {
    var record =
        ImportRecord.newBuilder()
            .setGrant(
                ImportGrant.newBuilder()
                    .setResource("organizations/beta/models/x")
                    .setPrincipal(BEN))
            .build();
    refused(
        Fault.INVALID_FIELD,
        "grant.resource",
        () -> transfers.importing(header(), List.of(record)));
  }

  @Test
  void grant_thatHasEnded_isSkipped() {
    var record =
        ImportRecord.newBuilder()
            .setGrant(
                ImportGrant.newBuilder()
                    .setResource("environments/prod/models/fraud")
                    .setPrincipal(BEN)
                    .setExpiresAt(Timestamp.newBuilder().setSeconds(1_000)))
            .build();
    List<ImportRecord> before = transfers.export(ACME).records();
    assertEquals(1, transfers.importing(header(), List.of(record)).getAppliedRecords());
    assertEquals(before, transfers.export(ACME).records());
  }

  @Test
  void transfer_byOthers_isForAdministrators() {
    plane.principal(BEN);
    refused(
        Fault.NOT_PERMITTED,
        () ->
            plane.as(BEN).export(ExportRequest.newBuilder().setOrganization(ACME).build()).next());
  }

  private void furnish() {
    plane.principal("group:risk");
    plane.principal("group:all");
    plane.principal("user:gone@acme.com");
    delete("user:gone@acme.com");
    plane.resource(PROD + "/models/a");
    transfers.importing(
        header(),
        List.of(
            user(BEN),
            member("group:risk", BEN),
            member("group:all", "group:risk"),
            member("group:all", ANA)));
    plane.share(FRAUD, "group:risk", "user");
    plane.share(PROD, "organization:acme", "viewer");
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal(BEN)
                        .setPermissions(
                            Permissions.newBuilder()
                                .addPermissions("predict")
                                .addPermissions("get"))
                        .setExpiresAt(Timestamp.newBuilder().setSeconds(4_000_000_000L))
                        .setNote("until the audit"))
                .build());
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(BEN)
                .setState(Principal.State.STATE_DISABLED)
                .build());
    plane
        .admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setTarget(
                    SuspensionTarget.newBuilder()
                        .setPrincipal(
                            PrincipalTarget.newBuilder()
                                .setOrganization(ACME)
                                .setPrincipal("group:risk")))
                .setReason("under review")
                .build());
  }

  /** The records with the organization's own name replaced, which is all that names it. */
  private static List<ImportRecord> rooted(List<ImportRecord> records, String organization) {
    String id = organization.substring("organizations/".length());
    List<ImportRecord> moved = new ArrayList<>();
    for (ImportRecord record : records) {
      ImportRecord.Builder copy = record.toBuilder();
      if (record.getResource().getName().equals(ACME)) {
        copy.getResourceBuilder().setName(organization);
      }
      if (record.getGrant().getPrincipal().equals("organization:acme")) {
        copy.getGrantBuilder().setPrincipal("organization:" + id);
      }
      moved.add(copy.build());
    }
    return moved;
  }
}
