package dev.modelgate.grpc;

import com.google.protobuf.Message;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.query.AccessChange;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.PreviewPage;
import dev.modelgate.app.query.PreviewQuery;
import dev.modelgate.app.query.Previews;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.store.Digest;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.v1.AccessPeriod;
import dev.modelgate.v1.ConditionalChange;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.PutExternalLinkRequest;
import java.util.HexFormat;

/**
 * Reads and answers previews. Each mutation is read by what reads it when it is committed, under
 * the name of its own method, so that a request id means the same.
 */
final class PreviewRpcs {
  private static final String SYSTEM_ID = "system";

  /** Stands for the hash of a secret that nobody makes. */
  private static final byte[] NO_SECRET = new byte[LinkRow.HASH_BYTES];

  private final Previews previews;
  private final OrganizationRpcs organizations;
  private final ProfileRpcs profiles;
  private final PrincipalRpcs principals;
  private final ResourceRpcs resources;
  private final GrantRpcs grants;
  private final RightsRpcs rights;
  private final DenyRuleRpcs denyRules;
  private final LinkRpcs links;
  private final PolicyRpcs policies;

  PreviewRpcs(
      Previews previews,
      OrganizationRpcs organizations,
      ProfileRpcs profiles,
      PrincipalRpcs principals,
      ResourceRpcs resources,
      GrantRpcs grants,
      RightsRpcs rights,
      DenyRuleRpcs denyRules,
      LinkRpcs links,
      PolicyRpcs policies) {
    this.previews = previews;
    this.organizations = organizations;
    this.profiles = profiles;
    this.principals = principals;
    this.resources = resources;
    this.grants = grants;
    this.rights = rights;
    this.denyRules = denyRules;
    this.links = links;
    this.policies = policies;
  }

  /** A mutation as its own RPC would read it. */
  private record Asked(String method, Message request, String organizationId, Command command) {
    static Asked of(String method, Message request, Mutation<?> mutation) {
      return new Asked(method, request, mutation.organizationId(), mutation.command());
    }
  }

  PreviewResponse preview(PreviewRequest request, Requester requester) {
    PageRequest page = PageRequest.of(request.getPageSize(), request.getPageToken());
    Asked asked = asked(request, requester);
    Order order = Orders.of(asked.method(), asked.request(), requester);
    PreviewQuery query =
        new PreviewQuery(
            asked.organizationId(),
            order,
            asked.command(),
            digest(request),
            LookupRpcs.context(request.getContext()));
    return response(previews.preview(query, page));
  }

  private Asked asked(PreviewRequest request, Requester requester) {
    return switch (request.getMutationCase()) {
      case CREATE_ORGANIZATION ->
          new Asked(
              "CreateOrganization",
              request.getCreateOrganization(),
              SYSTEM_ID,
              organizations.creation(request.getCreateOrganization(), requester));
      case UPDATE_ORGANIZATION ->
          Asked.of(
              "UpdateOrganization",
              request.getUpdateOrganization(),
              organizations.update(request.getUpdateOrganization()));
      case PUT_PROFILE ->
          Asked.of("PutProfile", request.getPutProfile(), profiles.put(request.getPutProfile()));
      case PUT_PRINCIPAL ->
          Asked.of(
              "PutPrincipal", request.getPutPrincipal(), principals.put(request.getPutPrincipal()));
      case DELETE_PRINCIPAL ->
          Asked.of(
              "DeletePrincipal",
              request.getDeletePrincipal(),
              principals.delete(request.getDeletePrincipal()));
      case RESTORE_PRINCIPAL ->
          Asked.of(
              "RestorePrincipal",
              request.getRestorePrincipal(),
              principals.restore(request.getRestorePrincipal()));
      case UPDATE_MEMBERSHIPS ->
          Asked.of(
              "UpdateMemberships",
              request.getUpdateMemberships(),
              principals.updateMemberships(request.getUpdateMemberships()));
      case CREATE_RESOURCE ->
          Asked.of(
              "CreateResource",
              request.getCreateResource(),
              resources.create(request.getCreateResource()));
      case UPDATE_RESOURCE ->
          Asked.of(
              "UpdateResource",
              request.getUpdateResource(),
              resources.update(request.getUpdateResource()));
      case DELETE_RESOURCE ->
          Asked.of(
              "DeleteResource",
              request.getDeleteResource(),
              resources.delete(request.getDeleteResource()));
      case TRANSFER_OWNERSHIP ->
          Asked.of(
              "TransferOwnership",
              request.getTransferOwnership(),
              resources.transfer(request.getTransferOwnership()));
      default -> askedAboutSharing(request, requester);
    };
  }

  private Asked askedAboutSharing(PreviewRequest request, Requester requester) {
    return switch (request.getMutationCase()) {
      case UPDATE_GRANTS ->
          Asked.of(
              "UpdateGrants", request.getUpdateGrants(), grants.update(request.getUpdateGrants()));
      case SET_POLICY ->
          Asked.of("SetPolicy", request.getSetPolicy(), policies.set(request.getSetPolicy()));
      case UPDATE_TYPE_RIGHTS ->
          Asked.of(
              "UpdateTypeRights",
              request.getUpdateTypeRights(),
              rights.update(request.getUpdateTypeRights()));
      case UPDATE_DENY_RULES ->
          Asked.of(
              "UpdateDenyRules",
              request.getUpdateDenyRules(),
              denyRules.update(request.getUpdateDenyRules()));
      case PUT_EXTERNAL_LINK -> link(request.getPutExternalLink());
      case DELETE_EXTERNAL_LINK ->
          Asked.of(
              "DeleteExternalLink",
              request.getDeleteExternalLink(),
              links.delete(request.getDeleteExternalLink()));
      case SUSPEND ->
          Asked.of(
              "Suspend",
              request.getSuspend(),
              SuspensionRpcs.suspend(request.getSuspend(), requester));
      case RESUME ->
          Asked.of(
              "Resume", request.getResume(), SuspensionRpcs.resume(request.getResume(), requester));
      default -> throw Fields.invalid("mutation", "", "the request of one mutation");
    };
  }

  /** No secret is made for a link that nobody puts. */
  private static Asked link(PutExternalLinkRequest request) {
    Command.PutExternalLink command = LinkRpcs.command(request, NO_SECRET);
    return new Asked("PutExternalLink", request, command.resource().organizationId(), command);
  }

  /** Of everything that a page token is bound to, in the one encoding that equal requests share. */
  private static String digest(PreviewRequest request) {
    PreviewRequest bound = request.toBuilder().clearPageSize().clearPageToken().build();
    return HexFormat.of().formatHex(Digest.sha256().digest(Orders.deterministic(bound)));
  }

  private static PreviewResponse response(PreviewPage page) {
    PreviewResponse.Builder response =
        PreviewResponse.newBuilder()
            .setRevision(page.revision())
            .setNextPageToken(page.nextToken())
            .setComplete(page.complete());
    for (AccessChange change : page.changes()) {
      dev.modelgate.v1.AccessChange.Builder message =
          dev.modelgate.v1.AccessChange.newBuilder()
              .setPrincipal(change.principal())
              .setResource(change.resource());
      change.periods().forEach(period -> message.addPeriods(period(period)));
      response.addChanges(message);
    }
    if (page.validUntilMicros() != Micros.NEVER) {
      response.setValidUntil(LookupRpcs.timestamp(page.validUntilMicros()));
    }
    return response.build();
  }

  private static AccessPeriod period(AccessChange.Period period) {
    AccessChange.Difference difference = period.difference();
    AccessPeriod.Builder message =
        AccessPeriod.newBuilder()
            .addAllGainedActions(difference.gained())
            .addAllLostActions(difference.lost());
    if (period.fromMicros() != 0) {
      message.setStartTime(LookupRpcs.timestamp(period.fromMicros()));
    }
    if (period.untilMicros() != Micros.NEVER) {
      message.setEndTime(LookupRpcs.timestamp(period.untilMicros()));
    }
    for (AccessChange.Conditional conditional : difference.conditional()) {
      message.addConditionalChanges(
          ConditionalChange.newBuilder()
              .setAction(conditional.action())
              .setBefore(decision(conditional.before()))
              .addAllMissingBefore(LookupRpcs.bounded(conditional.before().missing()))
              .setAfter(decision(conditional.after()))
              .addAllMissingAfter(LookupRpcs.bounded(conditional.after().missing())));
    }
    return message.build();
  }

  private static Decision decision(AccessChange.Answer answer) {
    return switch (answer.decision()) {
      case ALLOW -> Decision.DECISION_ALLOW;
      case DENY -> Decision.DECISION_DENY;
      case CONDITIONAL -> Decision.DECISION_CONDITIONAL;
    };
  }
}
