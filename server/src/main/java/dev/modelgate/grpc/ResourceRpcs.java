package dev.modelgate.grpc;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.ResourceView;
import dev.modelgate.app.query.Resources;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.CreateResourceResponse;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DeleteResourceResponse;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.GetResourceResponse;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.ListResourcesResponse;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.TransferOwnershipResponse;
import dev.modelgate.v1.UpdateResourceRequest;
import dev.modelgate.v1.UpdateResourceResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads and answers the requests about resources. */
final class ResourceRpcs {
  private static final String DISPLAY_NAME = "display_name";
  private static final String LABELS = "labels";
  private static final String UNIT = "unit";
  private static final String FLAGS = "flags";

  private final Resources resources;

  ResourceRpcs(Resources resources) {
    this.resources = resources;
  }

  Mutation<CreateResourceResponse> create(CreateResourceRequest request) {
    ResourceName name = below("name", request.getName());
    Command command =
        new Command.CreateResource(
            name,
            new ResourceRow.Attributes(
                Fields.displayName(DISPLAY_NAME, request.getDisplayName()),
                Fields.labels(LABELS, request.getLabelsMap()),
                Fields.type("type", request.getType()),
                Fields.unit(UNIT, request.getUnit()),
                Fields.flags(FLAGS, request.getFlagsList())),
            Fields.optionalPrincipal("owner", request.getOwner()));
    return new Mutation<>(
        name.organizationId(),
        command,
        outcome ->
            CreateResourceResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .setResource(changed(name, outcome))
                .build());
  }

  GetResourceResponse get(GetResourceRequest request, Requester requester) {
    ResourceName name = Fields.resource("name", request.getName());
    return GetResourceResponse.newBuilder()
        .setResource(AdminMessages.resource(resources.get(name, requester)))
        .build();
  }

  Mutation<UpdateResourceResponse> update(UpdateResourceRequest request) {
    Resource given = request.getResource();
    ResourceName name = Fields.resource("resource.name", given.getName());
    UpdateMask mask =
        UpdateMask.of(request.getUpdateMask(), List.of(DISPLAY_NAME, LABELS, UNIT, FLAGS));
    Optional<String> displayName =
        mask.writes(DISPLAY_NAME, given.getDisplayName().isEmpty())
            ? Optional.of(Fields.displayName("resource.display_name", given.getDisplayName()))
            : Optional.empty();
    Optional<Map<String, String>> labels =
        mask.writes(LABELS, given.getLabelsCount() == 0)
            ? Optional.of(Fields.labels("resource.labels", given.getLabelsMap()))
            : Optional.empty();
    Optional<UnitName> unit =
        mask.writes(UNIT, given.getUnit().isEmpty())
            ? Optional.of(Fields.unit("resource.unit", given.getUnit()))
            : Optional.empty();
    Optional<Set<String>> flags =
        mask.writes(FLAGS, given.getFlagsCount() == 0)
            ? Optional.of(Fields.flags("resource.flags", given.getFlagsList()))
            : Optional.empty();
    String etag =
        request.getEtag().isEmpty()
            ? Fields.etag("resource.etag", given.getEtag())
            : Fields.etag("etag", request.getEtag());
    return new Mutation<>(
        name.organizationId(),
        new Command.UpdateResource(name, displayName, labels, unit, flags, etag),
        outcome ->
            UpdateResourceResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .setResource(changed(name, outcome))
                .build());
  }

  ListResourcesResponse list(ListResourcesRequest request, Requester requester) {
    ResourceName parent = Fields.resource("parent", request.getParent());
    PageRequest page = PageRequest.of(request.getPageSize(), request.getPageToken());
    Page<ResourceView> found =
        resources.list(parent, request.getKind(), request.getRecursive(), requester, page);
    return ListResourcesResponse.newBuilder()
        .addAllResources(found.items().stream().map(AdminMessages::resource).toList())
        .setNextPageToken(found.nextToken())
        .build();
  }

  Mutation<DeleteResourceResponse> delete(DeleteResourceRequest request) {
    ResourceName name = below("name", request.getName());
    return new Mutation<>(
        name.organizationId(),
        new Command.DeleteResource(name, Fields.etag("etag", request.getEtag())),
        outcome ->
            DeleteResourceResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  Mutation<TransferOwnershipResponse> transfer(TransferOwnershipRequest request) {
    ResourceName name = Fields.resource("resource", request.getResource());
    Command command =
        new Command.TransferOwnership(
            name,
            Fields.principal("new_owner", request.getNewOwner()),
            Fields.optionalPrincipal("previous_owner", request.getPreviousOwner()),
            request.getKeepPreviousAs());
    return new Mutation<>(
        name.organizationId(),
        command,
        outcome ->
            TransferOwnershipResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  private static ResourceName below(String field, String value) {
    ResourceName name = Fields.resource(field, value);
    if (!name.hasParent()) {
      throw Fields.invalid(field, value, "a path below an organization");
    }
    return name;
  }

  private Resource changed(ResourceName name, Outcome outcome) {
    Optional<ResourceRow> row =
        Written.row(
            outcome, Table.RESOURCES, ResourceRow.key(name.relativePath()), ResourceRow::decode);
    return AdminMessages.resource(resources.changed(name, row));
  }
}
