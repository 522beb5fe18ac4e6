package dev.modelgate.grpc;

import dev.modelgate.app.query.Directory;
import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.PrincipalFilter;
import dev.modelgate.app.query.PrincipalView;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeletePrincipalResponse;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GetPrincipalResponse;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.ListPrincipalsResponse;
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.PutPrincipalResponse;
import dev.modelgate.v1.RestorePrincipalRequest;
import dev.modelgate.v1.RestorePrincipalResponse;
import dev.modelgate.v1.UpdateMembershipsRequest;
import dev.modelgate.v1.UpdateMembershipsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads and answers the requests about principals and memberships. */
final class PrincipalRpcs {
  private static final List<PrincipalKind> RECORDED =
      List.of(
          PrincipalKind.USER,
          PrincipalKind.SERVICE_ACCOUNT,
          PrincipalKind.APP,
          PrincipalKind.GROUP);

  private final Directory directory;

  PrincipalRpcs(Directory directory) {
    this.directory = directory;
  }

  Mutation<PutPrincipalResponse> put(PutPrincipalRequest request) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    PrincipalName name = Fields.recorded("principal", request.getPrincipal());
    if (request.getCreateOnly() && !request.getEtag().isEmpty()) {
      throw Fields.invalid("etag", request.getEtag(), "none beside create_only");
    }
    Command command =
        new Command.PutPrincipal(
            name,
            state("state", request.getState()),
            groupType("group_subtype", name, request.getGroupSubtype()),
            Fields.displayName("display_name", request.getDisplayName()),
            request.hasUnit()
                ? Optional.of(Fields.unit("unit", request.getUnit()))
                : Optional.empty(),
            Fields.etag("etag", request.getEtag()),
            request.getCreateOnly());
    return new Mutation<>(
        organization,
        command,
        outcome -> {
          Optional<PrincipalRow> row =
              Written.row(outcome, Table.PRINCIPALS, PrincipalRow.key(name), PrincipalRow::decode);
          return PutPrincipalResponse.newBuilder()
              .setRevision(outcome.revision().token())
              .setPrincipal(AdminMessages.principal(directory.changed(organization, name, row)))
              .build();
        });
  }

  GetPrincipalResponse get(GetPrincipalRequest request, Requester requester) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    PrincipalName name = Fields.principal("principal", request.getPrincipal());
    return GetPrincipalResponse.newBuilder()
        .setPrincipal(AdminMessages.principal(directory.get(organization, name, requester)))
        .build();
  }

  ListPrincipalsResponse list(ListPrincipalsRequest request, Requester requester) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Optional<PrincipalName> memberOf = Fields.optionalPrincipal("member_of", request.getMemberOf());
    Optional<PrincipalName> contains = Fields.optionalPrincipal("contains", request.getContains());
    if (memberOf.filter(name -> name.kind() != PrincipalKind.GROUP).isPresent()) {
      throw Fields.invalid("member_of", request.getMemberOf(), "`group:{id}`");
    }
    if (memberOf.isPresent() && contains.isPresent()) {
      throw Fields.invalid("contains", request.getContains(), "nothing beside member_of");
    }
    PageRequest page = PageRequest.of(request.getPageSize(), request.getPageToken());
    var filter =
        new PrincipalFilter(
            kind(request.getKind()), memberOf, contains, request.getIncludeDeleted());
    Page<PrincipalView> found = directory.list(organization, filter, requester, page);
    return ListPrincipalsResponse.newBuilder()
        .addAllPrincipals(found.items().stream().map(AdminMessages::principal).toList())
        .setNextPageToken(found.nextToken())
        .build();
  }

  Mutation<DeletePrincipalResponse> delete(DeletePrincipalRequest request) {
    PrincipalName name = Fields.principal("principal", request.getPrincipal());
    return new Mutation<>(
        Fields.organizationId("organization", request.getOrganization()),
        new Command.DeletePrincipal(name, Fields.etag("etag", request.getEtag())),
        outcome ->
            DeletePrincipalResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  Mutation<RestorePrincipalResponse> restore(RestorePrincipalRequest request) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Members.Member member = Members.parse("principal", request.getPrincipal());
    PrincipalName name = member.name();
    if (member.deleted().isPresent() && !request.getUid().isEmpty()) {
      throw Fields.invalid("uid", request.getUid(), "none beside that in `principal`");
    }
    Uid uid = member.deleted().orElseGet(() -> Fields.uid("uid", request.getUid()));
    return new Mutation<>(
        organization,
        new Command.RestorePrincipal(name, uid),
        outcome -> {
          Optional<PrincipalRow> row =
              Written.row(outcome, Table.PRINCIPALS, PrincipalRow.key(name), PrincipalRow::decode);
          return RestorePrincipalResponse.newBuilder()
              .setRevision(outcome.revision().token())
              .setPrincipal(AdminMessages.principal(directory.changed(organization, name, row)))
              .build();
        });
  }

  Mutation<UpdateMembershipsResponse> updateMemberships(UpdateMembershipsRequest request) {
    Fields.some("changes", request.getChangesCount(), Command.CHANGES_MAX);
    List<MembershipChange> changes = new ArrayList<>();
    for (int i = 0; i < request.getChangesCount(); i++) {
      changes.add(change("changes[" + i + "].", request.getChanges(i)));
    }
    return new Mutation<>(
        Fields.organizationId("organization", request.getOrganization()),
        new Command.UpdateMemberships(changes),
        outcome ->
            UpdateMembershipsResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  /** The state that a request writes; empty to keep it. */
  static Optional<PrincipalRow.State> state(String field, Principal.State state) {
    return switch (Fields.known(field, state)) {
      case STATE_ACTIVE -> Optional.of(PrincipalRow.State.ACTIVE);
      case STATE_DISABLED -> Optional.of(PrincipalRow.State.DISABLED);
      case STATE_DELETED -> throw Fields.invalid(field, state.name(), "active or disabled");
      case STATE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /** The group type that a request writes; empty to keep it. */
  static Optional<GroupType> groupType(
      String field, PrincipalName name, Principal.GroupSubtype subtype) {
    if (Fields.known(field, subtype).getNumber() != 0 && name.kind() != PrincipalKind.GROUP) {
      throw Fields.invalid(field, subtype.name(), "none, for only groups have one");
    }
    return switch (subtype) {
      case GROUP_SUBTYPE_OWNER -> Optional.of(GroupType.OWNER);
      case GROUP_SUBTYPE_DIRECTORY -> Optional.of(GroupType.DIRECTORY);
      case GROUP_SUBTYPE_ACCESS -> Optional.of(GroupType.ACCESS);
      case GROUP_SUBTYPE_SYSTEM_MANAGED_ACCESS -> Optional.of(GroupType.SYSTEM_MANAGED_ACCESS);
      case GROUP_SUBTYPE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  /** The two ends of a membership. */
  static MembershipChange membership(
      String prefix, boolean add, String groupText, String memberText) {
    PrincipalName group = Fields.principal(prefix + "group", groupText);
    if (group.kind() != PrincipalKind.GROUP) {
      throw Fields.kindNotAllowed(prefix + "group", group, "`group:{id}`");
    }
    return new MembershipChange(add, group, Fields.recorded(prefix + "member", memberText));
  }

  private static MembershipChange change(String prefix, dev.modelgate.v1.MembershipChange change) {
    Operation operation = Fields.required(prefix + "operation", change.getOperation());
    return membership(
        prefix, operation == Operation.OPERATION_ADD, change.getGroup(), change.getMember());
  }

  private static Optional<PrincipalKind> kind(String kind) {
    if (kind.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        RECORDED.stream()
            .filter(known -> known.prefix().equals(kind))
            .findFirst()
            .orElseThrow(() -> Fields.invalid("kind", kind, "user, serviceAccount, app or group")));
  }
}
