package dev.modelgate.grpc;

import com.google.protobuf.Timestamp;
import dev.modelgate.app.query.GrantView;
import dev.modelgate.app.query.OrganizationView;
import dev.modelgate.app.query.PrincipalView;
import dev.modelgate.app.query.ResourceView;
import dev.modelgate.app.query.SuspensionTarget;
import dev.modelgate.app.query.SuspensionView;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.Suspension;
import java.time.Instant;

/** Turns what administrators see into messages. */
final class AdminMessages {
  private static final String ORGANIZATIONS = "organizations/";

  private AdminMessages() {}

  static Organization organization(OrganizationView view) {
    Organization.Builder message =
        Organization.newBuilder()
            .setName(organizationName(view.id()))
            .setDisplayName(view.displayName())
            .putAllFeatures(view.features())
            .setProfile(view.profile())
            .setProfileVersion(view.profileVersion())
            .setState(
                switch (view.state()) {
                  case ACTIVE -> Organization.State.STATE_ACTIVE;
                  case SUSPENDED -> Organization.State.STATE_SUSPENDED;
                  case RESTRICTED -> Organization.State.STATE_RESTRICTED;
                })
            .setUid(view.uid())
            .setEtag(view.etag())
            .setCreateTime(timestamp(view.createdAt()))
            .setUpdateTime(timestamp(view.changedAt()))
            .setRevision(view.revision());
    view.suspension().ifPresent(suspension -> message.setSuspended(suspension(suspension)));
    return message.build();
  }

  static Principal principal(PrincipalView view) {
    Principal.Builder message =
        Principal.newBuilder()
            .setPrincipal(view.name().toString())
            .setUid(view.uid())
            .setState(
                switch (view.state()) {
                  case ACTIVE -> Principal.State.STATE_ACTIVE;
                  case DISABLED -> Principal.State.STATE_DISABLED;
                  case DELETED -> Principal.State.STATE_DELETED;
                })
            .setGroupSubtype(groupSubtype(view.groupType()))
            .setDisplayName(view.displayName())
            .setUnit(view.unit().text())
            .setEtag(view.etag())
            .setUpdateTime(timestamp(view.changedAt()));
    view.createdAt().ifPresent(time -> message.setCreateTime(timestamp(time)));
    view.suspension().ifPresent(suspension -> message.setSuspended(suspension(suspension)));
    return message.build();
  }

  static Principal.GroupSubtype groupSubtype(PrincipalRow.GroupType type) {
    return switch (type) {
      case NONE -> Principal.GroupSubtype.GROUP_SUBTYPE_UNSPECIFIED;
      case OWNER -> Principal.GroupSubtype.GROUP_SUBTYPE_OWNER;
      case DIRECTORY -> Principal.GroupSubtype.GROUP_SUBTYPE_DIRECTORY;
      case ACCESS -> Principal.GroupSubtype.GROUP_SUBTYPE_ACCESS;
      case SYSTEM_MANAGED_ACCESS -> Principal.GroupSubtype.GROUP_SUBTYPE_SYSTEM_MANAGED_ACCESS;
    };
  }

  static Resource resource(ResourceView view) {
    Resource.Builder message =
        Resource.newBuilder()
            .setName(view.name().text())
            .setKind(view.kind())
            .setUid(view.uid())
            .setDisplayName(view.attributes().displayName())
            .putAllLabels(view.attributes().labels())
            .setType(view.attributes().type())
            .setUnit(view.attributes().unit().text())
            .addAllFlags(view.attributes().flags().stream().sorted().toList())
            .setEtag(view.etag())
            .setCreateTime(timestamp(view.createdAt()))
            .setUpdateTime(timestamp(view.changedAt()));
    view.suspension().ifPresent(suspension -> message.setSuspended(suspension(suspension)));
    return message.build();
  }

  static Grant grant(GrantView view) {
    Grant.Builder message =
        Grant.newBuilder()
            .setResource(view.resource().text())
            .setPrincipal(view.principal())
            .setCanShare(view.canShare())
            .setCanUseData(view.canUseData())
            .setNote(view.note())
            .setCondition(view.condition())
            .setOrigin(
                switch (view.origin()) {
                  case DIRECT -> Grant.Origin.ORIGIN_DIRECT;
                  case CREATOR -> Grant.Origin.ORIGIN_CREATOR;
                  case COMPANION -> Grant.Origin.ORIGIN_COMPANION;
                  case BREAK_GLASS -> Grant.Origin.ORIGIN_BREAK_GLASS;
                })
            .setGrantedBy(view.grantedBy())
            .setGrantedAt(timestamp(view.grantedAt()));
    if (view.role().isEmpty()) {
      message.setPermissions(Permissions.newBuilder().addAllPermissions(view.permissions()));
    } else {
      message.setRole(view.role());
    }
    if (view.notBeforeMicros() != 0) {
      message.setNotBefore(timestamp(view.notBeforeMicros()));
    }
    if (view.expiresAtMicros() != Micros.NEVER) {
      message.setExpiresAt(timestamp(view.expiresAtMicros()));
    }
    return message.build();
  }

  static Suspension suspension(SuspensionView view) {
    return Suspension.newBuilder()
        .setActor(view.actor())
        .setOnBehalfOf(view.onBehalfOf())
        .setSuspendedAt(timestamp(view.since()))
        .setReason(view.reason())
        .build();
  }

  static dev.modelgate.v1.SuspensionTarget target(SuspensionTarget target) {
    var message = dev.modelgate.v1.SuspensionTarget.newBuilder();
    if (target instanceof SuspensionTarget.Principal principal) {
      message.setPrincipal(
          PrincipalTarget.newBuilder()
              .setOrganization(organizationName(principal.organizationId()))
              .setPrincipal(principal.name().toString()));
    } else if (target instanceof SuspensionTarget.Resource resource) {
      message.setResource(resource.name().text());
    } else if (target instanceof SuspensionTarget.Organization organization) {
      message.setOrganization(organizationName(organization.organizationId()));
    }
    return message.build();
  }

  static String organizationName(String id) {
    return ORGANIZATIONS + id;
  }

  static Timestamp timestamp(long micros) {
    return timestamp(Micros.toInstant(micros));
  }

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
