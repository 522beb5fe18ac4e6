package dev.modelgate.grpc;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.commit.ImportLine;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.ImportItem;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportSuspension;
import dev.modelgate.v1.ImportTypeRight;
import dev.modelgate.v1.Principal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of an import. Every method throws {@link dev.modelgate.model.RefusedException}
 * with INVALID_FIELD, LIMIT_EXCEEDED or KIND_NOT_ALLOWED.
 */
final class RecordReader {
  private final String organizationId;
  private final String defaultReason;
  private final ConditionLanguage conditions;

  /** Many grants of one resource follow each other, in every export for instance. */
  private String lastText = "";

  private @Nullable ResourceName lastPath;

  /**
   * Reads records for an organization.
   *
   * @param defaultReason the reason of suspensions that name none
   * @param conditions checks those of grants
   */
  RecordReader(String organizationId, String defaultReason, ConditionLanguage conditions) {
    this.organizationId = organizationId;
    this.defaultReason = defaultReason;
    this.conditions = conditions;
  }

  ImportLine read(ImportRecord record) {
    ImportItem item =
        switch (record.getRecordCase()) {
          case PRINCIPAL -> principal(record.getPrincipal());
          case MEMBERSHIP -> {
            MembershipChange change =
                PrincipalRpcs.membership(
                    "membership.",
                    true,
                    record.getMembership().getGroup(),
                    record.getMembership().getMember());
            yield new Command.ImportMembership(change.group(), change.member());
          }
          case RESOURCE -> resource(record.getResource());
          case GRANT -> grant(record.getGrant());
          case SUSPENSION -> suspension(record.getSuspension());
          case TYPE_RIGHT -> typeRight(record.getTypeRight());
          case DENY_RULE ->
              new Command.ImportDenyRule(
                  DenyRuleRpcs.put(
                      conditions,
                      "deny_rule.",
                      record.getDenyRule(),
                      path("deny_rule.resource", record.getDenyRule().getResource())));
          case EXTERNAL_LINK ->
              new Command.ImportExternalLink(
                  LinkRpcs.put(
                      "external_link.",
                      record.getExternalLink(),
                      path("external_link.resource", record.getExternalLink().getResource())));
          case SETTINGS ->
              new Command.ImportSettings(
                  Fields.features("settings.features", record.getSettings().getFeaturesMap()));
          case RECORD_NOT_SET ->
              throw Fields.invalid("record", "", "exactly one of the types of records");
        };
    return new ImportLine(item, record.getSerializedSize(), () -> Orders.deterministic(record));
  }

  private static ImportItem principal(ImportPrincipal record) {
    PrincipalName name = Fields.recorded("principal.principal", record.getPrincipal());
    if (record.getState() == Principal.State.STATE_DELETED) {
      ImportPrincipal alone =
          ImportPrincipal.newBuilder()
              .setPrincipal(record.getPrincipal())
              .setState(Principal.State.STATE_DELETED)
              .build();
      if (!record.equals(alone)) {
        throw Fields.invalid("principal.state", "STATE_DELETED", "that beside the name alone");
      }
      return new Command.ImportDeletedPrincipal(name);
    }
    return new Command.ImportPrincipal(
        name,
        PrincipalRpcs.state("principal.state", record.getState()),
        PrincipalRpcs.groupType("principal.group_subtype", name, record.getGroupSubtype()),
        Fields.displayName("principal.display_name", record.getDisplayName()),
        record.hasUnit()
            ? Optional.of(Fields.unit("principal.unit", record.getUnit()))
            : Optional.empty());
  }

  private ImportItem resource(ImportResource record) {
    if (record.getName().isEmpty()) {
      throw Fields.invalid("resource.name", "", "a path below the organization");
    }
    return new Command.ImportResource(
        path("resource.name", record.getName()),
        new ResourceRow.Attributes(
            Fields.displayName("resource.display_name", record.getDisplayName()),
            Fields.labels("resource.labels", record.getLabelsMap()),
            Fields.type("resource.type", record.getType()),
            Fields.unit("resource.unit", record.getUnit()),
            Fields.flags("resource.flags", record.getFlagsList())));
  }

  private ImportItem grant(ImportGrant record) {
    if (!record.getRole().isEmpty() && record.getPermissionsCount() > 0) {
      throw Fields.invalid("grant.role", record.getRole(), "no role beside permissions");
    }
    GrantRpcs.Period period =
        GrantRpcs.period(
            "grant.",
            record.hasNotBefore() ? Optional.of(record.getNotBefore()) : Optional.empty(),
            record.hasExpiresAt() ? Optional.of(record.getExpiresAt()) : Optional.empty());
    GrantChange change =
        new GrantChange(
            GrantChange.Mode.MERGE,
            Fields.principal("grant.principal", record.getPrincipal()),
            record.getRole(),
            record.getPermissionsCount() == 0
                ? List.of()
                : GrantRpcs.permissions("grant.permissions", record.getPermissionsList()),
            record.getCanShare(),
            record.getCanUseData(),
            period.notBeforeMicros(),
            period.expiresAtMicros(),
            Fields.prose("grant.note", record.getNote()),
            Fields.condition(conditions, "grant.condition", record.getCondition()));
    return new Command.ImportGrant(path("grant.resource", record.getResource()), change);
  }

  private static ImportItem typeRight(ImportTypeRight record) {
    return new Command.ImportTypeRight(
        new TypeRightChange(
            GrantChange.Mode.MERGE,
            Fields.principal("type_right.principal", record.getPrincipal()),
            record.getKind(),
            "",
            RightsRpcs.permissions("type_right.permissions", record.getPermissionsList()),
            RightsRpcs.depth("type_right.depth", record.getDepth()),
            RightsRpcs.effects("type_right.effects", record.getEffectsList())));
  }

  private ImportItem suspension(ImportSuspension record) {
    String reason = Fields.prose("suspension.reason", record.getReason());
    String why = reason.isEmpty() ? defaultReason : reason;
    return switch (record.getTargetCase()) {
      case PRINCIPAL ->
          new Command.ImportSuspension(
              Optional.of(Fields.recorded("suspension.principal", record.getPrincipal())),
              Optional.empty(),
              why);
      case RESOURCE -> {
        if (record.getResource().isEmpty()) {
          throw Fields.invalid("suspension.resource", "", "a path below the organization");
        }
        yield new Command.ImportSuspension(
            Optional.empty(), Optional.of(path("suspension.resource", record.getResource())), why);
      }
      case TARGET_NOT_SET ->
          throw Fields.invalid("suspension", "", "exactly one of principal and resource");
    };
  }

  /** A path below the organization, or a full one in it; empty for the organization itself. */
  private ResourceName path(String field, String value) {
    ResourceName last = lastPath;
    if (last != null && value.equals(lastText)) {
      return last;
    }
    ResourceName read = read(field, value);
    lastText = value;
    lastPath = read;
    return read;
  }

  private ResourceName read(String field, String value) {
    String root = AdminMessages.organizationName(organizationId);
    String full =
        value.isEmpty() ? root : value.startsWith("organizations/") ? value : root + "/" + value;
    ResourceName name = Fields.resource(field, full);
    if (!name.organizationId().equals(organizationId)) {
      throw Fields.invalid(field, value, "a path in `" + root + "`");
    }
    return name;
  }
}
