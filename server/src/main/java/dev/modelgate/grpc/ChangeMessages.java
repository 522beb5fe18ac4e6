package dev.modelgate.grpc;

import dev.modelgate.app.query.Change;
import dev.modelgate.app.query.ChangeEvent;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.ExternalLink;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.Membership;
import dev.modelgate.v1.PrincipalDeletion;
import dev.modelgate.v1.ResourceDeletion;
import dev.modelgate.v1.SuspensionPut;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.WatchChangesResponse;

/** Turns changes into messages. */
final class ChangeMessages {
  private ChangeMessages() {}

  static WatchChangesResponse watched(ChangeEvent event) {
    return WatchChangesResponse.newBuilder()
        .setRevision(event.revision())
        .setEvent(event(event))
        .build();
  }

  static dev.modelgate.v1.ChangeEvent event(ChangeEvent event) {
    var message =
        dev.modelgate.v1.ChangeEvent.newBuilder()
            .setRevision(event.revision())
            .setActor(event.actor())
            .setOnBehalfOf(event.onBehalfOf())
            .setAt(AdminMessages.timestamp(event.at()))
            .setReason(event.reason())
            .setRequestId(event.requestId());
    event.changes().forEach(change -> message.addChanges(change(change)));
    return message.build();
  }

  private static dev.modelgate.v1.Change change(Change change) {
    var message = dev.modelgate.v1.Change.newBuilder();
    if (change instanceof Change.OrganizationPut put) {
      message.setOrganizationPut(AdminMessages.organization(put.organization()));
    } else if (change instanceof Change.PrincipalPut put) {
      message.setPrincipalPut(AdminMessages.principal(put.principal()));
    } else if (change instanceof Change.PrincipalDelete deletion) {
      message.setPrincipalDelete(
          PrincipalDeletion.newBuilder()
              .setPrincipal(deletion.name().toString())
              .setUid(deletion.uid()));
    } else if (change instanceof Change.MembershipPut put) {
      message.setMembershipPut(membership(put.group(), put.member()));
    } else if (change instanceof Change.MembershipDelete deletion) {
      message.setMembershipDelete(membership(deletion.group(), deletion.member()));
    } else if (change instanceof Change.ResourcePut put) {
      message.setResourcePut(AdminMessages.resource(put.resource()));
    } else if (change instanceof Change.ResourceDelete deletion) {
      message.setResourceDelete(
          ResourceDeletion.newBuilder().setName(deletion.name().text()).setUid(deletion.uid()));
    } else {
      sharing(change, message);
    }
    return message.build();
  }

  private static void sharing(Change change, dev.modelgate.v1.Change.Builder message) {
    if (change instanceof Change.GrantPut put) {
      message.setGrantPut(AdminMessages.grant(put.grant()));
    } else if (change instanceof Change.GrantsDelete deletion) {
      message.setGrantDelete(
          Grant.newBuilder()
              .setResource(deletion.resource().text())
              .setPrincipal(deletion.principal()));
    } else if (change instanceof Change.SuspensionPut put) {
      message.setSuspensionPut(
          SuspensionPut.newBuilder()
              .setTarget(AdminMessages.target(put.target()))
              .setSuspension(AdminMessages.suspension(put.suspension())));
    } else if (change instanceof Change.ProfilePut put) {
      message.setProfilePut(ProfileRpcs.profile(put.profile()));
    } else if (change instanceof Change.SuspensionDelete deletion) {
      message.setSuspensionDelete(AdminMessages.target(deletion.target()));
    } else {
      rules(change, message);
    }
  }

  private static void rules(Change change, dev.modelgate.v1.Change.Builder message) {
    if (change instanceof Change.TypeRightPut put) {
      message.setTypeRightPut(RightsMessages.typeRight(put.right()));
    } else if (change instanceof Change.TypeRightsDelete deletion) {
      message.setTypeRightDelete(
          TypeRight.newBuilder().setPrincipal(deletion.principal()).setKind(deletion.kind()));
    } else if (change instanceof Change.DenyRulePut put) {
      message.setDenyRulePut(RightsMessages.denyRule(put.rule()));
    } else if (change instanceof Change.DenyRuleDelete deletion) {
      message.setDenyRuleDelete(DenyRule.newBuilder().setId(deletion.id()));
    } else if (change instanceof Change.LinkPut put) {
      message.setExternalLinkPut(LinkRpcs.link(put.link()));
    } else if (change instanceof Change.LinkDelete deletion) {
      message.setExternalLinkDelete(ExternalLink.newBuilder().setId(deletion.id()));
    }
  }

  private static Membership membership(PrincipalName group, PrincipalName member) {
    return Membership.newBuilder().setGroup(group.toString()).setMember(member.toString()).build();
  }
}
