package dev.modelgate.grpc;

import com.google.protobuf.Timestamp;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.query.GrantFilter;
import dev.modelgate.app.query.GrantView;
import dev.modelgate.app.query.Grants;
import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.GrantChange.WhatCase;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateGrantsResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Reads and answers the requests about grants. */
final class GrantRpcs {
  private static final int PERMISSIONS_MAX = 64;

  private final Grants grants;
  private final ConditionLanguage conditions;

  GrantRpcs(Grants grants, ConditionLanguage conditions) {
    this.grants = grants;
    this.conditions = conditions;
  }

  Mutation<UpdateGrantsResponse> update(UpdateGrantsRequest request) {
    ResourceName resource = Fields.resource("resource", request.getResource());
    Fields.some("changes", request.getChangesCount(), Command.CHANGES_MAX);
    List<GrantChange> changes = new ArrayList<>();
    for (int i = 0; i < request.getChangesCount(); i++) {
      changes.add(change("changes[" + i + "].", request.getChanges(i)));
    }
    return new Mutation<>(
        resource.organizationId(),
        new Command.UpdateGrants(resource, changes, Fields.etag("etag", request.getEtag())),
        outcome ->
            UpdateGrantsResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .setEtag(grants.etagAt(resource, outcome.revision()))
                .build());
  }

  ListGrantsResponse list(ListGrantsRequest request, Requester requester) {
    if (request.getResource().isEmpty() == request.getOrganization().isEmpty()) {
      throw Fields.invalid(
          "resource", request.getResource(), "exactly one of resource and organization");
    }
    PageRequest page = PageRequest.of(request.getPageSize(), request.getPageToken());
    return request.getOrganization().isEmpty()
        ? listOnResource(request, requester, page)
        : listOfPrincipal(request, requester, page);
  }

  /**
   * The times of a grant.
   *
   * @param notBeforeMicros from when, inclusive; 0 for at once
   * @param expiresAtMicros until when, exclusive
   */
  record Period(long notBeforeMicros, long expiresAtMicros) {}

  /** Reads the two times of a grant, of which the second is after the first. */
  static Period period(
      String prefix, Optional<Timestamp> notBefore, Optional<Timestamp> expiresAt) {
    long from = notBefore.map(time -> Fields.micros(prefix + "not_before", time)).orElse(0L);
    long until =
        expiresAt.map(time -> Fields.micros(prefix + "expires_at", time)).orElse(Micros.NEVER);
    if (until <= from) {
      throw Fields.invalid(
          prefix + "expires_at", Micros.toInstant(until).toString(), "a time after not_before");
    }
    return new Period(from, until);
  }

  /** Reads the permissions of a grant without a role. */
  static List<String> permissions(String field, List<String> permissions) {
    Fields.some(field, permissions.size(), PERMISSIONS_MAX);
    var seen = new HashSet<String>();
    for (String permission : permissions) {
      if (permission.isEmpty() || !seen.add(permission)) {
        throw Fields.invalid(field, permission, "names of permissions, each once");
      }
    }
    return permissions;
  }

  private GrantChange change(String prefix, dev.modelgate.v1.GrantChange change) {
    GrantChange.Mode mode =
        switch (Fields.required(prefix + "mode", change.getMode())) {
          case MODE_SET -> GrantChange.Mode.SET;
          case MODE_MERGE -> GrantChange.Mode.MERGE;
          case MODE_REMOVE -> GrantChange.Mode.REMOVE;
          case MODE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalStateException("a required mode is unspecified");
        };
    boolean gives = mode != GrantChange.Mode.REMOVE;
    if (!gives) {
      requireBare(prefix, change);
    }
    if (change.getWhatCase() == WhatCase.ROLE && change.getRole().isEmpty()) {
      throw Fields.invalid(prefix + "role", "", "the name of a role");
    }
    Period period =
        period(
            prefix,
            change.hasNotBefore() ? Optional.of(change.getNotBefore()) : Optional.empty(),
            change.hasExpiresAt() ? Optional.of(change.getExpiresAt()) : Optional.empty());
    return new GrantChange(
        mode,
        Fields.principal(prefix + "principal", change.getPrincipal()),
        change.getRole(),
        change.getWhatCase() == WhatCase.PERMISSIONS
            ? permissions(prefix + "permissions", change.getPermissions().getPermissionsList())
            : List.of(),
        gives && change.getCanShare(),
        gives && change.getCanUseData(),
        period.notBeforeMicros(),
        period.expiresAtMicros(),
        Fields.prose(prefix + "note", change.getNote()),
        Fields.condition(conditions, prefix + "condition", change.getCondition()),
        change.getNotify());
  }

  /** A removal gives nothing: flags that come with it are ignored, anything else is a mistake. */
  private static void requireBare(String prefix, dev.modelgate.v1.GrantChange change) {
    String expected = "nothing with MODE_REMOVE";
    if (change.getWhatCase() == WhatCase.WHAT_NOT_SET && !change.getCondition().isEmpty()) {
      throw Fields.invalid(
          prefix + "condition", change.getCondition(), "a role or permissions beside it");
    }
    if (change.hasNotBefore()) {
      throw Fields.invalid(prefix + "not_before", "set", expected);
    }
    if (change.hasExpiresAt()) {
      throw Fields.invalid(prefix + "expires_at", "set", expected);
    }
    if (!change.getNote().isEmpty()) {
      throw Fields.invalid(prefix + "note", change.getNote(), expected);
    }
    if (change.getNotify()) {
      throw Fields.invalid(prefix + "notify", "true", expected);
    }
  }

  private ListGrantsResponse listOnResource(
      ListGrantsRequest request, Requester requester, PageRequest page) {
    Grants.OnResource found =
        grants.onResource(
            Fields.resource("resource", request.getResource()),
            new GrantFilter(
                Fields.optionalPrincipal("principal", request.getPrincipal()),
                principalKind(request.getPrincipalKind()),
                Fields.displayName("principal_contains", request.getPrincipalContains()),
                request.getRole()),
            request.getIncludeInherited(),
            requester,
            page);
    return response(found.page()).setEtag(found.etag()).build();
  }

  private ListGrantsResponse listOfPrincipal(
      ListGrantsRequest request, Requester requester, PageRequest page) {
    if (request.getIncludeInherited()) {
      throw Fields.invalid("include_inherited", "true", "false with organization");
    }
    if (!request.getPrincipalKind().isEmpty()) {
      throw Fields.invalid(
          "principal_kind", request.getPrincipalKind(), "nothing with organization");
    }
    if (!request.getPrincipalContains().isEmpty()) {
      throw Fields.invalid(
          "principal_contains", request.getPrincipalContains(), "nothing with organization");
    }
    String organization = Fields.organizationId("organization", request.getOrganization());
    PrincipalName principal = Fields.principal("principal", request.getPrincipal());
    return response(grants.ofPrincipal(organization, principal, request.getRole(), requester, page))
        .build();
  }

  private static Optional<PrincipalKind> principalKind(String kind) {
    return kind.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Arrays.stream(PrincipalKind.values())
                .filter(known -> known != PrincipalKind.ANONYMOUS && known.prefix().equals(kind))
                .findFirst()
                .orElseThrow(() -> Fields.invalid("principal_kind", kind, "a kind of principals")));
  }

  private static ListGrantsResponse.Builder response(Page<GrantView> page) {
    return ListGrantsResponse.newBuilder()
        .addAllGrants(page.items().stream().map(AdminMessages::grant).toList())
        .setNextPageToken(page.nextToken());
  }
}
