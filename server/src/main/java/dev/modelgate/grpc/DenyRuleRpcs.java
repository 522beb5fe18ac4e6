package dev.modelgate.grpc;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.query.DenyRuleView;
import dev.modelgate.app.query.DenyRules;
import dev.modelgate.app.query.Page;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.DenyRuleChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange.Operation;
import dev.modelgate.v1.ImportDenyRule;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.ListDenyRulesResponse;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateDenyRulesResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads and answers the requests about deny rules. */
final class DenyRuleRpcs {
  /** The most principals that a rule denies, and the most that it excepts. */
  static final int PRINCIPALS_MAX = 100;

  private final DenyRules denyRules;
  private final ConditionLanguage conditions;

  DenyRuleRpcs(DenyRules denyRules, ConditionLanguage conditions) {
    this.denyRules = denyRules;
    this.conditions = conditions;
  }

  Mutation<UpdateDenyRulesResponse> update(UpdateDenyRulesRequest request) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Fields.some("changes", request.getChangesCount(), Command.CHANGES_MAX);
    List<DenyRuleChange> changes = new ArrayList<>();
    for (int i = 0; i < request.getChangesCount(); i++) {
      changes.add(change("changes[" + i + "].", organization, request.getChanges(i)));
    }
    return new Mutation<>(
        organization,
        new Command.UpdateDenyRules(changes),
        outcome ->
            UpdateDenyRulesResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  ListDenyRulesResponse list(ListDenyRulesRequest request, Requester requester) {
    String organization = Fields.organizationId("organization", request.getOrganization());
    Optional<ResourceName> scope =
        request.getResource().isEmpty()
            ? Optional.empty()
            : Optional.of(scope("resource", organization, request.getResource()));
    Optional<PrincipalName> principal =
        Fields.optionalPrincipal("principal", request.getPrincipal());
    PageRequest page = PageRequest.of(request.getPageSize(), request.getPageToken());
    Page<DenyRuleView> found = denyRules.list(organization, scope, principal, requester, page);
    return ListDenyRulesResponse.newBuilder()
        .addAllDenyRules(found.items().stream().map(RightsMessages::denyRule).toList())
        .setNextPageToken(found.nextToken())
        .build();
  }

  /** The rule in a record of an import, at a resource that is read already. */
  static DenyRuleChange.Put put(
      ConditionLanguage conditions, String prefix, ImportDenyRule rule, ResourceName scope) {
    return new DenyRuleChange.Put(
        Fields.shortId(prefix + "id", rule.getId()),
        Fields.displayName(prefix + "description", rule.getDescription()),
        principals(prefix + "principals", rule.getPrincipalsList(), 1),
        principals(prefix + "exceptions", rule.getExceptionsList(), 0),
        GrantRpcs.permissions(prefix + "permissions", rule.getPermissionsList()),
        scope,
        Fields.condition(conditions, prefix + "condition", rule.getCondition()),
        "");
  }

  private DenyRuleChange change(
      String prefix, String organization, dev.modelgate.v1.DenyRuleChange change) {
    Operation operation = Fields.required(prefix + "operation", change.getOperation());
    DenyRule rule = change.getRule();
    String at = prefix + "rule.";
    String id = Fields.shortId(at + "id", rule.getId());
    String etag = Fields.etag(at + "etag", rule.getEtag());
    if (operation == Operation.OPERATION_DELETE) {
      return new DenyRuleChange.Delete(id, etag);
    }
    return new DenyRuleChange.Put(
        id,
        Fields.displayName(at + "description", rule.getDescription()),
        principals(at + "principals", rule.getPrincipalsList(), 1),
        principals(at + "exceptions", rule.getExceptionsList(), 0),
        GrantRpcs.permissions(at + "permissions", rule.getPermissionsList()),
        scope(at + "resource", organization, rule.getResource()),
        Fields.condition(conditions, at + "condition", rule.getCondition()),
        etag);
  }

  private static ResourceName scope(String field, String organization, String value) {
    ResourceName name = Fields.resource(field, value);
    if (!name.organizationId().equals(organization)) {
      throw Fields.invalid(
          field, value, "a path in `" + AdminMessages.organizationName(organization) + "`");
    }
    return name;
  }

  private static List<PrincipalName> principals(String field, List<String> names, int min) {
    if (names.size() < min) {
      throw Fields.invalid(field, "", min + ".." + PRINCIPALS_MAX + " entries");
    }
    Fields.atMost(field, names.size(), PRINCIPALS_MAX);
    Set<PrincipalName> seen = new HashSet<>();
    List<PrincipalName> read = new ArrayList<>();
    for (String text : names) {
      PrincipalName name = Fields.principal(field, text);
      if (!seen.add(name)) {
        throw Fields.invalid(field, text, "each principal once");
      }
      read.add(name);
    }
    return read;
  }
}
