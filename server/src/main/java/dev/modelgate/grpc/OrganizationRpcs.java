package dev.modelgate.grpc;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.query.OrganizationView;
import dev.modelgate.app.query.Organizations;
import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateOrganizationResponse;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetOrganizationResponse;
import dev.modelgate.v1.ListOrganizationsRequest;
import dev.modelgate.v1.ListOrganizationsResponse;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.UpdateOrganizationResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads and answers the requests about organizations. */
final class OrganizationRpcs {
  private static final String SYSTEM_ID = "system";
  private static final String DISPLAY_NAME = "display_name";
  private static final String FEATURES = "features";

  private final Organizations organizations;

  OrganizationRpcs(Organizations organizations) {
    this.organizations = organizations;
  }

  /** What a request begins an organization with. */
  Command.InitializeOrganization creation(CreateOrganizationRequest request, Requester requester) {
    if (!requester.isSystemAdministrator() && !requester.isHimself()) {
      throw Refusal.ofField(
              Fault.ON_BEHALF_OF_INVALID,
              "x-modelgate-on-behalf-of",
              requester.actor(),
              "nobody, for a new organization has no directory yet")
          .asException();
    }
    return creation(
        "organization_id",
        request.getOrganizationId(),
        request.getDisplayName(),
        request.getProfile(),
        "",
        Fields.optionalPrincipal("owner", request.getOwner()));
  }

  /** What a new organization begins with, the default profile filled in. */
  static Command.InitializeOrganization creation(
      String idField,
      String id,
      String displayName,
      String profile,
      String document,
      Optional<PrincipalName> owner) {
    Fields.segment(idField, id);
    if (id.equals(SYSTEM_ID)) {
      throw Fields.invalid(idField, id, "an id that is not reserved");
    }
    return new Command.InitializeOrganization(
        id,
        Fields.displayName(DISPLAY_NAME, displayName),
        profile.isEmpty() ? BuiltInProfiles.DEFAULT : profile,
        document,
        owner);
  }

  /** The answer to a creation. */
  CreateOrganizationResponse created(String id, Outcome outcome) {
    return CreateOrganizationResponse.newBuilder()
        .setRevision(outcome.revision().token())
        .setOrganization(AdminMessages.organization(changed(id, outcome)))
        .build();
  }

  GetOrganizationResponse get(GetOrganizationRequest request, Requester requester) {
    String id = Fields.organizationId("name", request.getName());
    return GetOrganizationResponse.newBuilder()
        .setOrganization(AdminMessages.organization(organizations.get(id, requester)))
        .build();
  }

  Mutation<UpdateOrganizationResponse> update(UpdateOrganizationRequest request) {
    Organization given = request.getOrganization();
    String id = Fields.organizationId("organization.name", given.getName());
    UpdateMask mask = UpdateMask.of(request.getUpdateMask(), List.of(DISPLAY_NAME, FEATURES));
    Optional<String> displayName =
        mask.writes(DISPLAY_NAME, given.getDisplayName().isEmpty())
            ? Optional.of(Fields.displayName("organization.display_name", given.getDisplayName()))
            : Optional.empty();
    Optional<Map<String, Boolean>> features =
        mask.writes(FEATURES, given.getFeaturesCount() == 0)
            ? Optional.of(Fields.features("organization.features", given.getFeaturesMap()))
            : Optional.empty();
    String etag =
        request.getEtag().isEmpty()
            ? Fields.etag("organization.etag", given.getEtag())
            : Fields.etag("etag", request.getEtag());
    return new Mutation<>(
        id,
        new Command.UpdateOrganization(displayName, features, etag),
        outcome ->
            UpdateOrganizationResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .setOrganization(AdminMessages.organization(changed(id, outcome)))
                .build());
  }

  ListOrganizationsResponse list(ListOrganizationsRequest request, Requester requester) {
    Page<OrganizationView> page =
        organizations.list(
            requester, PageRequest.of(request.getPageSize(), request.getPageToken()));
    return ListOrganizationsResponse.newBuilder()
        .addAllOrganizations(page.items().stream().map(AdminMessages::organization).toList())
        .setNextPageToken(page.nextToken())
        .build();
  }

  private OrganizationView changed(String id, Outcome outcome) {
    return organizations.changed(
        id,
        Written.row(outcome, Table.SETTINGS, SettingsRow.KEY, SettingsRow::decode),
        outcome.revision());
  }
}
