package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import dev.modelgate.model.Fault;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.Profile;
import dev.modelgate.v1.PutProfileRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an export says of a profile, and what an import makes of it. */
final class ProfileTransferTest {
  private static final String COPY = "organizations/copy";
  private static final String OURS =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT)
          .orElseThrow()
          .text()
          .replace("name: modelgate", "name: ours")
          .replace("  auditor:\n", "  inspector:\n");

  private final AdminPlane plane = new AdminPlane();
  private final Transfers transfers = new Transfers(plane);

  @BeforeEach
  void begin() {
    plane.withAcme();
    plane
        .admin()
        .putProfile(PutProfileRequest.newBuilder().setOrganization(ACME).setDocument(OURS).build());
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void organization_withAProfileOfItsOwn_isImportedWithIt() {
    plane.principal(BEN);
    plane.share(FRAUD, BEN, "inspector");
    Transfers.Exported exported = transfers.export(ACME);
    assertEquals("ours", exported.header().getProfile());
    assertEquals(OURS, exported.header().getProfileDocument());
    transfers.importing(
        creation()
            .setProfile(exported.header().getProfile())
            .setProfileDocument(exported.header().getProfileDocument()),
        exported.records().stream()
            .filter(record -> !record.getResource().getName().equals(ACME))
            .toList());
    Profile profile =
        plane
            .admin()
            .getProfile(GetProfileRequest.newBuilder().setOrganization(COPY).build())
            .getProfile();
    assertEquals(1, profile.getVersion());
    assertEquals(OURS, profile.getDocument());
    assertTrue(
        transfers.export(COPY).records().stream()
            .anyMatch(record -> record.getGrant().getRole().equals("inspector")));
  }

  @Test
  void document_withAFault_createsNothing() {
    ErrorInfo info =
        refused(
            Fault.PROFILE_INVALID,
            "profile_document",
            () ->
                transfers.importing(
                    creation().setProfileDocument(OURS.replace("schema: 1", "schema: 2")),
                    List.of()));
    assertTrue(Integer.parseInt(info.getMetadataOrThrow("document_line")) > 1, info::toString);
    refused(
        Fault.NOT_FOUND,
        () ->
            plane
                .admin()
                .getOrganization(GetOrganizationRequest.newBuilder().setName(COPY).build()));
    refused(
        Fault.UNKNOWN_PROFILE,
        "profile",
        () -> transfers.importing(creation().setProfile("ours"), List.of()));
  }

  private static ImportHeader.Builder creation() {
    return ImportHeader.newBuilder().setSchema(1).setOrganization(COPY).setCreateOrganization(true);
  }
}
