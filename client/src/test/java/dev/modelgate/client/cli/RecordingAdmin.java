package dev.modelgate.client.cli;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.modelgate.v1.AccessChange;
import dev.modelgate.v1.AccessPeriod;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceImplBase;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.BreakGlassRequest;
import dev.modelgate.v1.BreakGlassResponse;
import dev.modelgate.v1.ConditionalChange;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeleteExternalLinkResponse;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.ExportHeader;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import dev.modelgate.v1.ExternalLink;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.GetPolicyResponse;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.GetProfileResponse;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantableRole;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.ListDenyRulesResponse;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListGrantableRolesResponse;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.ListProfilesRequest;
import dev.modelgate.v1.ListProfilesResponse;
import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.ListTypeRightsResponse;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.Profile;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkResponse;
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
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateDenyRulesResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateGrantsResponse;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import dev.modelgate.v1.UpdateTypeRightsResponse;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records requests and headers, fails as often as told, else answers with revision r7. */
final class RecordingAdmin extends AdminServiceImplBase {
  static final String LINK_SECRET = "AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKK";

  static final String DOCUMENT = "profile: x\nkinds: []\n";
  static final Policy POLICY =
      Policy.newBuilder()
          .addBindings(
              Binding.newBuilder()
                  .setRole("user")
                  .addMembers("group:risk")
                  .setCondition("context.a")
                  .setCanShare(true)
                  .setExpiresAt(Timestamp.newBuilder().setSeconds(9).setNanos(7_000_000)))
          .setEtag("e")
          .build();

  /** The pages of every preview, from the first request on. */
  static final List<PreviewResponse> PREVIEWS =
      List.of(
          PreviewResponse.newBuilder()
              .setRevision("r6")
              .setNextPageToken("more")
              .addChanges(
                  AccessChange.newBuilder()
                      .setPrincipal("user:ben@acme.com")
                      .setResource("organizations/acme/models/fraud")
                      .addPeriods(
                          AccessPeriod.newBuilder()
                              .setStartTime(Timestamp.newBuilder().setSeconds(9))
                              .setEndTime(Timestamp.newBuilder().setSeconds(19))
                              .addGainedActions("get")
                              .addGainedActions("predict")))
              .build(),
          PreviewResponse.newBuilder()
              .setRevision("r6")
              .setComplete(true)
              .addChanges(
                  AccessChange.newBuilder()
                      .setPrincipal("user:cleo")
                      .setResource("organizations/acme")
                      .addPeriods(
                          AccessPeriod.newBuilder()
                              .addLostActions("get")
                              .addConditionalChanges(
                                  ConditionalChange.newBuilder()
                                      .setAction("use")
                                      .setBefore(Decision.DECISION_ALLOW)
                                      .setAfter(Decision.DECISION_CONDITIONAL)
                                      .addMissingAfter("device"))))
              .build());

  private static final Profile PUT =
      Profile.newBuilder()
          .setName("organizations/acme/profiles/2")
          .setProfile("x")
          .setVersion(2)
          .setCurrent(true)
          .setDigest("d")
          .setCreateTime(Timestamp.newBuilder().setSeconds(9))
          .setEtag("e")
          .build();

  final List<Message> requests = new CopyOnWriteArrayList<>();
  final List<Metadata> headers = new CopyOnWriteArrayList<>();
  final Queue<Throwable> failures = new ArrayDeque<>();

  BindableService recordingHeaders() {
    AdminServiceImplBase self = this;
    return new BindableService() {
      @Override
      public ServerServiceDefinition bindService() {
        return ServerInterceptors.intercept(
            self,
            new ServerInterceptor() {
              @Override
              public <A, B> ServerCall.Listener<A> interceptCall(
                  ServerCall<A, B> call, Metadata metadata, ServerCallHandler<A, B> next) {
                headers.add(metadata);
                return next.startCall(call, metadata);
              }
            });
      }
    };
  }

  @Override
  public void updateGrants(
      UpdateGrantsRequest request, StreamObserver<UpdateGrantsResponse> observer) {
    answer(
        request,
        UpdateGrantsResponse.newBuilder().setRevision("r7").setEtag("e").build(),
        observer);
  }

  @Override
  public void suspend(SuspendRequest request, StreamObserver<SuspendResponse> observer) {
    answer(request, SuspendResponse.newBuilder().setRevision("r7").build(), observer);
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
    answer(request, ResumeResponse.newBuilder().setRevision("r7").build(), observer);
  }

  /** Three grants, two on a page at most. */
  @Override
  public void listGrants(ListGrantsRequest request, StreamObserver<ListGrantsResponse> observer) {
    int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    int to = Math.min(3, from + Math.min(2, request.getPageSize()));
    ListGrantsResponse.Builder page = ListGrantsResponse.newBuilder();
    for (int i = from; i < to; i++) {
      page.addGrants(
          Grant.newBuilder()
              .setResource("organizations/acme/models/fraud")
              .setPrincipal("user:u" + i)
              .setRole("user")
              .setCanShare(i == 1));
    }
    answer(request, page.setNextPageToken(to < 3 ? "" + to : "").build(), observer);
  }

  @Override
  public void updateTypeRights(
      UpdateTypeRightsRequest request, StreamObserver<UpdateTypeRightsResponse> observer) {
    answer(request, UpdateTypeRightsResponse.newBuilder().setRevision("r7").build(), observer);
  }

  /** Two rights, one on a page. */
  @Override
  public void listTypeRights(
      ListTypeRightsRequest request, StreamObserver<ListTypeRightsResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    TypeRight.Builder right =
        TypeRight.newBuilder().setKind("model").setGrantedBy("systemAdministrator");
    if (first) {
      right
          .setPrincipal("group:risk")
          .addPermissions("models.get")
          .addPermissions("models.predict")
          .setDepth(TypeRight.Depth.DEPTH_SUBTREE)
          .addEffects(TypeRight.Effect.EFFECT_REQUIRES)
          .addEffects(TypeRight.Effect.EFFECT_ALLOWS);
    } else {
      right
          .setPrincipal("user:u1")
          .setDepth(TypeRight.Depth.DEPTH_ORGANIZATION)
          .addEffects(TypeRight.Effect.EFFECT_BOUNDS);
    }
    answer(
        request,
        ListTypeRightsResponse.newBuilder()
            .addTypeRights(right)
            .setNextPageToken(first ? "2" : "")
            .setEtag("e")
            .build(),
        observer);
  }

  @Override
  public void updateDenyRules(
      UpdateDenyRulesRequest request, StreamObserver<UpdateDenyRulesResponse> observer) {
    answer(request, UpdateDenyRulesResponse.newBuilder().setRevision("r7").build(), observer);
  }

  /** Two rules, one on a page. */
  @Override
  public void listDenyRules(
      ListDenyRulesRequest request, StreamObserver<ListDenyRulesResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    answer(
        request,
        ListDenyRulesResponse.newBuilder()
            .addDenyRules(
                DenyRule.newBuilder()
                    .setId(first ? "freeze" : "late")
                    .setResource("organizations/acme")
                    .addPermissions("models.predict")
                    .addPrincipals("user:u0")
                    .addExceptions("group:oncall")
                    .setEtag("e"))
            .setNextPageToken(first ? "2" : "")
            .build(),
        observer);
  }

  /** The secret comes with the first answer to a request id only. */
  @Override
  public void preview(PreviewRequest request, StreamObserver<PreviewResponse> observer) {
    answer(request, PREVIEWS.get(Math.min(requests.size(), PREVIEWS.size() - 1)), observer);
  }

  @Override
  public void putExternalLink(
      PutExternalLinkRequest request, StreamObserver<PutExternalLinkResponse> observer) {
    boolean repeated =
        requests.stream()
            .anyMatch(
                other ->
                    other instanceof PutExternalLinkRequest put
                        && put.getRequestId().equals(request.getRequestId()));
    answer(
        request,
        PutExternalLinkResponse.newBuilder()
            .setRevision("r7")
            .setLink(ExternalLink.newBuilder().setId(request.getId()))
            .setSecret(repeated ? "" : LINK_SECRET)
            .build(),
        observer);
  }

  @Override
  public void deleteExternalLink(
      DeleteExternalLinkRequest request, StreamObserver<DeleteExternalLinkResponse> observer) {
    answer(request, DeleteExternalLinkResponse.newBuilder().setRevision("r7").build(), observer);
  }

  @Override
  public void restorePrincipal(
      RestorePrincipalRequest request, StreamObserver<RestorePrincipalResponse> observer) {
    answer(
        request,
        RestorePrincipalResponse.newBuilder()
            .setRevision("r7")
            .setPrincipal(Principal.newBuilder().setPrincipal("user:ben@acme.com").setUid("80000c"))
            .build(),
        observer);
  }

  @Override
  public void listGrantableRoles(
      ListGrantableRolesRequest request, StreamObserver<ListGrantableRolesResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    answer(
        request,
        ListGrantableRolesResponse.newBuilder()
            .addRoles(
                GrantableRole.newBuilder()
                    .setRole(first ? "owner" : "user")
                    .setRank(first ? 40 : 20)
                    .setOwner(first)
                    .setByDefault(!first)
                    .setGrantable(!first)
                    .addPermissions("models.get"))
            .setNextPageToken(first ? "2" : "")
            .build(),
        observer);
  }

  @Override
  public void getProfile(GetProfileRequest request, StreamObserver<GetProfileResponse> observer) {
    answer(
        request,
        GetProfileResponse.newBuilder().setProfile(PUT.toBuilder().setDocument(DOCUMENT)).build(),
        observer);
  }

  @Override
  public void putProfile(PutProfileRequest request, StreamObserver<PutProfileResponse> observer) {
    answer(
        request,
        PutProfileResponse.newBuilder().setRevision("r7").setProfile(PUT).build(),
        observer);
  }

  /** Two profiles, one on a page. */
  @Override
  public void listProfiles(
      ListProfilesRequest request, StreamObserver<ListProfilesResponse> observer) {
    boolean first = request.getPageToken().isEmpty();
    Profile builtIn =
        Profile.newBuilder().setName("profiles/modelgate").setProfile("x").setDigest("d").build();
    answer(
        request,
        ListProfilesResponse.newBuilder()
            .addProfiles(first ? builtIn : PUT)
            .setNextPageToken(first ? "2" : "")
            .build(),
        observer);
  }

  @Override
  public void getPolicy(GetPolicyRequest request, StreamObserver<GetPolicyResponse> observer) {
    answer(request, GetPolicyResponse.newBuilder().setPolicy(POLICY).build(), observer);
  }

  @Override
  public void setPolicy(SetPolicyRequest request, StreamObserver<SetPolicyResponse> observer) {
    answer(request, SetPolicyResponse.newBuilder().setRevision("r7").build(), observer);
  }

  @Override
  public StreamObserver<ImportRequest> import_(StreamObserver<ImportResponse> observer) {
    return new StreamObserver<>() {
      private long records;

      @Override
      public void onNext(ImportRequest part) {
        requests.add(part);
        records += part.getRecords().getRecordsCount();
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        Throwable failure = failures.poll();
        if (failure != null) {
          observer.onError(failure);
          return;
        }
        observer.onNext(
            ImportResponse.newBuilder().setRevision("r7").setAppliedRecords(records).build());
        observer.onCompleted();
      }
    };
  }

  @Override
  public void breakGlass(BreakGlassRequest request, StreamObserver<BreakGlassResponse> observer) {
    answer(request, BreakGlassResponse.newBuilder().setRevision("r7").build(), observer);
  }

  @Override
  public void rotateAdminToken(
      RotateAdminTokenRequest request, StreamObserver<RotateAdminTokenResponse> observer) {
    var response = RotateAdminTokenResponse.newBuilder();
    answer(
        request,
        (request.getDisable() ? response : response.setToken(LINK_SECRET)).build(),
        observer);
  }

  @Override
  public void export(ExportRequest request, StreamObserver<ExportResponse> observer) {
    requests.add(request);
    observer.onNext(
        ExportResponse.newBuilder()
            .setHeader(
                ExportHeader.newBuilder().setSchema(1).setOrganization(request.getOrganization()))
            .build());
    Throwable failure = failures.poll();
    if (failure != null) {
      observer.onError(failure);
      return;
    }
    ImportRecord grant =
        ImportRecord.newBuilder()
            .setGrant(
                ImportGrant.newBuilder()
                    .setResource("models/fraud")
                    .setPrincipal("group:risk")
                    .setRole("user"))
            .build();
    observer.onNext(
        ExportResponse.newBuilder()
            .setRecords(ImportRecords.newBuilder().addRecords(grant).addRecords(grant))
            .build());
    observer.onCompleted();
  }

  private <T> void answer(Message request, T response, StreamObserver<T> observer) {
    requests.add(request);
    Throwable failure = failures.poll();
    if (failure != null) {
      observer.onError(failure);
      return;
    }
    observer.onNext(response);
    observer.onCompleted();
  }
}
