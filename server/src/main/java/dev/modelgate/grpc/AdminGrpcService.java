package dev.modelgate.grpc;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.commit.Committer;
import dev.modelgate.app.commit.OrganizationCreation;
import dev.modelgate.app.query.AdminQueries;
import dev.modelgate.app.query.ChangeFeed;
import dev.modelgate.app.query.Exports;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.BreakGlassRequest;
import dev.modelgate.v1.BreakGlassResponse;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateOrganizationResponse;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.CreateResourceResponse;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeleteExternalLinkResponse;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeletePrincipalResponse;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DeleteResourceResponse;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetOrganizationResponse;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.GetPolicyResponse;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GetPrincipalResponse;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.GetProfileResponse;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.GetResourceResponse;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.ListDenyRulesResponse;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListGrantableRolesResponse;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.ListOrganizationsRequest;
import dev.modelgate.v1.ListOrganizationsResponse;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.ListPrincipalsResponse;
import dev.modelgate.v1.ListProfilesRequest;
import dev.modelgate.v1.ListProfilesResponse;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.ListResourcesResponse;
import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.ListTypeRightsResponse;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkResponse;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.PutPrincipalResponse;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.PutProfileResponse;
import dev.modelgate.v1.RestorePrincipalRequest;
import dev.modelgate.v1.RestorePrincipalResponse;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.ResumeResponse;
import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.RotateAdminTokenResponse;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.SetPolicyResponse;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspendResponse;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.TransferOwnershipResponse;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateDenyRulesResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateGrantsResponse;
import dev.modelgate.v1.UpdateMembershipsRequest;
import dev.modelgate.v1.UpdateMembershipsResponse;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.UpdateOrganizationResponse;
import dev.modelgate.v1.UpdateResourceRequest;
import dev.modelgate.v1.UpdateResourceResponse;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import dev.modelgate.v1.UpdateTypeRightsResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import dev.modelgate.v1.WatchEventsRequest;
import dev.modelgate.v1.WatchEventsResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/**
 * The admin plane on the wire. Each RPC only says how its request is read and what answers it; what
 * is common to calls is in {@link AdminCalls}, to streams in {@link StreamedAnswer} and {@link
 * ImportCall}.
 *
 * <p>Needs {@link RequesterContext#KEY} in the context of every call.
 */
public final class AdminGrpcService extends AdminServiceGrpc.AdminServiceImplBase {
  private final OrganizationCreation creation;
  private final ChangeFeed feed;
  private final Exports exports;
  private final Executor executor;
  private final ErrorMapper errors;
  private final AdminCalls calls;
  private final OrganizationRpcs organizations;
  private final ProfileRpcs profiles;
  private final PrincipalRpcs principals;
  private final ResourceRpcs resources;
  private final GrantRpcs grants;
  private final RightsRpcs rights;
  private final DenyRuleRpcs denyRules;
  private final LinkRpcs links;
  private final RoleRpcs roles;
  private final AuditRpcs audit;
  private final PolicyRpcs policies;
  private final PreviewRpcs previews;
  private final ImportCalls importCalls;
  private final AdminTokenRpcs token;

  /**
   * The service.
   *
   * @param conditions checks those that are written
   * @param token the bootstrap token, which it rotates
   * @param trail is told of each rotation
   * @param executor runs all handlers; bounded, rejects when it is full, has more than {@value
   *     ImportCalls#OPEN_MAX} threads; not an event loop
   */
  public AdminGrpcService(
      Committer committer,
      OrganizationCreation creation,
      AdminQueries queries,
      ChangeFeed feed,
      Exports exports,
      ConditionLanguage conditions,
      AdminToken token,
      AuditTrail trail,
      Executor executor,
      ErrorMapper errors) {
    this.creation = creation;
    this.feed = feed;
    this.exports = exports;
    this.executor = executor;
    this.errors = errors;
    this.calls = new AdminCalls(committer, executor, errors);
    this.organizations = new OrganizationRpcs(queries.organizations());
    this.profiles = new ProfileRpcs(queries.profiles());
    this.principals = new PrincipalRpcs(queries.directory());
    this.resources = new ResourceRpcs(queries.resources());
    this.grants = new GrantRpcs(queries.grants(), conditions);
    this.rights = new RightsRpcs(queries.typeRights());
    this.links = new LinkRpcs(queries.links());
    this.denyRules = new DenyRuleRpcs(queries.denyRules(), conditions);
    this.roles = new RoleRpcs(queries.roles());
    this.audit = new AuditRpcs(queries.auditLog());
    this.policies = new PolicyRpcs(queries.policies(), queries.grants(), conditions);
    this.token = new AdminTokenRpcs(token, trail);
    this.previews =
        new PreviewRpcs(
            queries.previews(),
            organizations,
            profiles,
            principals,
            resources,
            grants,
            rights,
            denyRules,
            links,
            policies);
    this.importCalls =
        new ImportCalls(
            new ImportOpening(committer, creation, queries.organizations(), conditions),
            executor,
            errors);
  }

  @Override
  public void createOrganization(
      CreateOrganizationRequest request, StreamObserver<CreateOrganizationResponse> observer) {
    calls.answerLater(
        "CreateOrganization",
        request,
        observer,
        (requester, order) -> creation.create(organizations.creation(request, requester), order),
        outcome -> organizations.created(request.getOrganizationId(), outcome));
  }

  @Override
  public void getOrganization(
      GetOrganizationRequest request, StreamObserver<GetOrganizationResponse> observer) {
    calls.answer(observer, requester -> organizations.get(request, requester));
  }

  @Override
  public void updateOrganization(
      UpdateOrganizationRequest request, StreamObserver<UpdateOrganizationResponse> observer) {
    calls.commit(
        "UpdateOrganization", request, observer, requester -> organizations.update(request));
  }

  @Override
  public void listOrganizations(
      ListOrganizationsRequest request, StreamObserver<ListOrganizationsResponse> observer) {
    calls.answer(observer, requester -> organizations.list(request, requester));
  }

  @Override
  public void putProfile(PutProfileRequest request, StreamObserver<PutProfileResponse> observer) {
    calls.commit("PutProfile", request, observer, requester -> profiles.put(request));
  }

  @Override
  public void getProfile(GetProfileRequest request, StreamObserver<GetProfileResponse> observer) {
    calls.answer(observer, requester -> profiles.get(request, requester));
  }

  @Override
  public void listProfiles(
      ListProfilesRequest request, StreamObserver<ListProfilesResponse> observer) {
    calls.answer(observer, requester -> profiles.list(request, requester));
  }

  @Override
  public void putPrincipal(
      PutPrincipalRequest request, StreamObserver<PutPrincipalResponse> observer) {
    calls.commit("PutPrincipal", request, observer, requester -> principals.put(request));
  }

  @Override
  public void getPrincipal(
      GetPrincipalRequest request, StreamObserver<GetPrincipalResponse> observer) {
    calls.answer(observer, requester -> principals.get(request, requester));
  }

  @Override
  public void listPrincipals(
      ListPrincipalsRequest request, StreamObserver<ListPrincipalsResponse> observer) {
    calls.answer(observer, requester -> principals.list(request, requester));
  }

  @Override
  public void deletePrincipal(
      DeletePrincipalRequest request, StreamObserver<DeletePrincipalResponse> observer) {
    calls.commit("DeletePrincipal", request, observer, requester -> principals.delete(request));
  }

  @Override
  public void restorePrincipal(
      RestorePrincipalRequest request, StreamObserver<RestorePrincipalResponse> observer) {
    calls.commit("RestorePrincipal", request, observer, requester -> principals.restore(request));
  }

  @Override
  public void updateMemberships(
      UpdateMembershipsRequest request, StreamObserver<UpdateMembershipsResponse> observer) {
    calls.commit(
        "UpdateMemberships", request, observer, requester -> principals.updateMemberships(request));
  }

  @Override
  public void createResource(
      CreateResourceRequest request, StreamObserver<CreateResourceResponse> observer) {
    calls.commit("CreateResource", request, observer, requester -> resources.create(request));
  }

  @Override
  public void getResource(
      GetResourceRequest request, StreamObserver<GetResourceResponse> observer) {
    calls.answer(observer, requester -> resources.get(request, requester));
  }

  @Override
  public void updateResource(
      UpdateResourceRequest request, StreamObserver<UpdateResourceResponse> observer) {
    calls.commit("UpdateResource", request, observer, requester -> resources.update(request));
  }

  @Override
  public void listResources(
      ListResourcesRequest request, StreamObserver<ListResourcesResponse> observer) {
    calls.answer(observer, requester -> resources.list(request, requester));
  }

  @Override
  public void deleteResource(
      DeleteResourceRequest request, StreamObserver<DeleteResourceResponse> observer) {
    calls.commit("DeleteResource", request, observer, requester -> resources.delete(request));
  }

  @Override
  public void transferOwnership(
      TransferOwnershipRequest request, StreamObserver<TransferOwnershipResponse> observer) {
    calls.commit("TransferOwnership", request, observer, requester -> resources.transfer(request));
  }

  @Override
  public void updateGrants(
      UpdateGrantsRequest request, StreamObserver<UpdateGrantsResponse> observer) {
    calls.commit("UpdateGrants", request, observer, requester -> grants.update(request));
  }

  @Override
  public void listGrants(ListGrantsRequest request, StreamObserver<ListGrantsResponse> observer) {
    calls.answer(observer, requester -> grants.list(request, requester));
  }

  @Override
  public void getPolicy(GetPolicyRequest request, StreamObserver<GetPolicyResponse> observer) {
    calls.answer(observer, requester -> policies.get(request, requester));
  }

  @Override
  public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyResponse> observer) {
    calls.commit("SetPolicy", request, observer, requester -> policies.set(request));
  }

  @Override
  public void updateTypeRights(
      UpdateTypeRightsRequest request, StreamObserver<UpdateTypeRightsResponse> observer) {
    calls.commit("UpdateTypeRights", request, observer, requester -> rights.update(request));
  }

  @Override
  public void listTypeRights(
      ListTypeRightsRequest request, StreamObserver<ListTypeRightsResponse> observer) {
    calls.answer(observer, requester -> rights.list(request, requester));
  }

  @Override
  public void updateDenyRules(
      UpdateDenyRulesRequest request, StreamObserver<UpdateDenyRulesResponse> observer) {
    calls.commit("UpdateDenyRules", request, observer, requester -> denyRules.update(request));
  }

  @Override
  public void listDenyRules(
      ListDenyRulesRequest request, StreamObserver<ListDenyRulesResponse> observer) {
    calls.answer(observer, requester -> denyRules.list(request, requester));
  }

  @Override
  public void putExternalLink(
      PutExternalLinkRequest request, StreamObserver<PutExternalLinkResponse> observer) {
    calls.commit("PutExternalLink", request, observer, requester -> links.put(request));
  }

  @Override
  public void deleteExternalLink(
      DeleteExternalLinkRequest request, StreamObserver<DeleteExternalLinkResponse> observer) {
    calls.commit("DeleteExternalLink", request, observer, requester -> links.delete(request));
  }

  @Override
  public void listGrantableRoles(
      ListGrantableRolesRequest request, StreamObserver<ListGrantableRolesResponse> observer) {
    calls.answer(observer, requester -> roles.list(request, requester));
  }

  @Override
  public void suspend(SuspendRequest request, StreamObserver<SuspendResponse> observer) {
    calls.commit(
        "Suspend", request, observer, requester -> SuspensionRpcs.suspend(request, requester));
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
    calls.commit(
        "Resume", request, observer, requester -> SuspensionRpcs.resume(request, requester));
  }

  @Override
  public void preview(PreviewRequest request, StreamObserver<PreviewResponse> observer) {
    calls.answer(observer, requester -> previews.preview(request, requester));
  }

  @Override
  public void watchChanges(
      WatchChangesRequest request, StreamObserver<WatchChangesResponse> observer) {
    WatchCall.start(
        feed,
        request,
        AdminCalls.requester(),
        (ServerCallStreamObserver<WatchChangesResponse>) observer,
        executor,
        errors);
  }

  @Override
  public void watchEvents(
      WatchEventsRequest request, StreamObserver<WatchEventsResponse> observer) {
    EventsCall.start(
        feed,
        request,
        AdminCalls.requester(),
        (ServerCallStreamObserver<WatchEventsResponse>) observer,
        executor,
        errors);
  }

  @Override
  public void listAuditEvents(
      ListAuditEventsRequest request, StreamObserver<ListAuditEventsResponse> observer) {
    calls.answer(observer, requester -> audit.list(request, requester));
  }

  @Override
  public StreamObserver<ImportRequest> import_(StreamObserver<ImportResponse> observer) {
    return importCalls.start(
        (ServerCallStreamObserver<ImportResponse>) observer, AdminCalls.requester());
  }

  @Override
  public void breakGlass(BreakGlassRequest request, StreamObserver<BreakGlassResponse> observer) {
    calls.commit("BreakGlass", request, observer, requester -> BreakGlassRpcs.breakGlass(request));
  }

  @Override
  public void rotateAdminToken(
      RotateAdminTokenRequest request, StreamObserver<RotateAdminTokenResponse> observer) {
    String peer = CallerContext.KEY.get().peer();
    calls.answer(observer, requester -> token.rotate(request, requester, peer));
  }

  @Override
  public void export(ExportRequest request, StreamObserver<ExportResponse> observer) {
    ExportCall.start(
        exports,
        request,
        AdminCalls.requester(),
        (ServerCallStreamObserver<ExportResponse>) observer,
        executor,
        errors);
  }
}
