package dev.modelgate.grpc;

import dev.modelgate.app.query.ExportRecord;
import dev.modelgate.app.query.GrantView;
import dev.modelgate.app.query.PrincipalView;
import dev.modelgate.app.query.ResourceView;
import dev.modelgate.app.query.SuspensionTarget;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportSettings;
import dev.modelgate.v1.ImportSuspension;
import dev.modelgate.v1.Principal;

/**
 * Turns exported records into messages. Paths are those below the organization, so that a file can
 * be read into another one; the organization itself, whose path is empty, has its full name.
 */
final class RecordMessages {
  private RecordMessages() {}

  static ImportRecord record(ExportRecord record) {
    ImportRecord.Builder message = ImportRecord.newBuilder();
    if (record instanceof ExportRecord.Principal principal) {
      message.setPrincipal(principal(principal.principal()));
    } else if (record instanceof ExportRecord.DeletedPrincipal deleted) {
      message.setPrincipal(
          ImportPrincipal.newBuilder()
              .setPrincipal(deleted.principal().toString())
              .setState(Principal.State.STATE_DELETED));
    } else if (record instanceof ExportRecord.Membership membership) {
      message.setMembership(
          ImportMembership.newBuilder()
              .setGroup(membership.group().toString())
              .setMember(membership.member().toString()));
    } else if (record instanceof ExportRecord.Resource resource) {
      message.setResource(resource(resource.resource()));
    } else if (record instanceof ExportRecord.Grant grant) {
      message.setGrant(grant(grant.grant()));
    } else if (record instanceof ExportRecord.TypeRight right) {
      message.setTypeRight(RightsMessages.record(right.right()));
    } else if (record instanceof ExportRecord.Link link) {
      message.setExternalLink(LinkRpcs.record(link.link(), link.secretHash()));
    } else if (record instanceof ExportRecord.DenyRule rule) {
      message.setDenyRule(RightsMessages.record(rule.rule()));
    } else if (record instanceof ExportRecord.Settings settings) {
      message.setSettings(ImportSettings.newBuilder().putAllFeatures(settings.features()));
    } else if (record instanceof ExportRecord.Suspension suspension) {
      message.setSuspension(suspension(suspension));
    }
    return message.build();
  }

  private static ImportPrincipal principal(PrincipalView view) {
    return ImportPrincipal.newBuilder()
        .setPrincipal(view.name().toString())
        .setDisplayName(view.displayName())
        .setState(
            view.state() == PrincipalView.State.ACTIVE
                ? Principal.State.STATE_ACTIVE
                : Principal.State.STATE_DISABLED)
        .setGroupSubtype(AdminMessages.groupSubtype(view.groupType()))
        .setUnit(view.unit().text())
        .build();
  }

  private static ImportResource resource(ResourceView view) {
    return ImportResource.newBuilder()
        .setName(path(view.name()))
        .setDisplayName(view.attributes().displayName())
        .putAllLabels(view.attributes().labels())
        .setType(view.attributes().type())
        .setUnit(view.attributes().unit().text())
        .addAllFlags(view.attributes().flags().stream().sorted().toList())
        .build();
  }

  private static ImportGrant grant(GrantView view) {
    ImportGrant.Builder message =
        ImportGrant.newBuilder()
            .setResource(view.resource().relativePath())
            .setPrincipal(view.principal())
            .setRole(view.role())
            .addAllPermissions(view.permissions())
            .setCanShare(view.canShare())
            .setCanUseData(view.canUseData())
            .setNote(view.note())
            .setCondition(view.condition());
    if (view.notBeforeMicros() != 0) {
      message.setNotBefore(AdminMessages.timestamp(view.notBeforeMicros()));
    }
    if (view.expiresAtMicros() != Micros.NEVER) {
      message.setExpiresAt(AdminMessages.timestamp(view.expiresAtMicros()));
    }
    return message.build();
  }

  private static ImportSuspension suspension(ExportRecord.Suspension suspension) {
    ImportSuspension.Builder message = ImportSuspension.newBuilder().setReason(suspension.reason());
    if (suspension.target() instanceof SuspensionTarget.Principal principal) {
      message.setPrincipal(principal.name().toString());
    } else if (suspension.target() instanceof SuspensionTarget.Resource resource) {
      message.setResource(path(resource.name()));
    }
    return message.build();
  }

  private static String path(ResourceName name) {
    return name.hasParent() ? name.relativePath() : name.text();
  }
}
