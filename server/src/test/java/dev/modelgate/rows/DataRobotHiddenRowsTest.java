package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.FieldMask;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateResourceRequest;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What DataRobot hides: who cannot see an asset hears what he would hear of a missing one. */
final class DataRobotHiddenRowsTest {
  private static final String APP = ACME + "/applications/report";
  private static final String DEPLOYMENT = ACME + "/deployments/churn";
  private static final String MISSING = ACME + "/applications/repoxx";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA, BEN, CYD);
    site.resource(APP, ANA);
    site.resource(DEPLOYMENT, ANA);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F124")
  void caller_whoCannotSeeIt_hearsWhatHeHearsOfAMissingOne() {
    calls()
        .forEach(
            (name, call) -> {
              StatusRuntimeException hidden = failure(call, CYD, APP);
              StatusRuntimeException missing = failure(call, CYD, MISSING);
              assertEquals(
                  missing.getStatus().toString().replace(MISSING, APP),
                  hidden.getStatus().toString(),
                  name);
              ErrorInfo info = Site.refused(Fault.NOT_FOUND, () -> call.accept(site.as(CYD), APP));
              assertEquals(APP, info.getMetadataOrThrow("name"), name);
            });
  }

  @Test
  @Row("F124")
  void caller_whoSeesItAndMayNot_isNotPermitted() {
    site.share(APP, BEN, "consumer");
    Map<String, BiConsumer<AdminServiceBlockingStub, String>> calls = calls();
    calls.keySet().removeAll(List.of("get", "list", "roles"));
    calls.forEach(
        (name, call) -> {
          ErrorInfo info = Site.refused(Fault.NOT_PERMITTED, () -> call.accept(site.as(BEN), APP));
          assertEquals(APP, info.getMetadataOrThrow("resource"), name);
          assertEquals(BEN, info.getMetadataOrThrow("actor"), name);
        });
    site.share(site.as(ANA), APP, CYD, "consumer");
  }

  @Test
  @Row("F124")
  void check_ofWhatIsHiddenOrMissing_isADenial() {
    site.assertChecks("NO_GRANT", CYD, APP, "view");
    site.assertChecks("UNKNOWN_RESOURCE", CYD, MISSING, "view");
    site.share(APP, CYD, "consumer");
    site.assertAllowed(CYD, APP, "view");
  }

  @Test
  @Row("F138")
  void list_hasOnlyWhatOneMayList() {
    site.share(DEPLOYMENT, BEN, "consumer");
    site.assertAllowed(BEN, DEPLOYMENT, "predict");
    assertEquals(List.of(), listed(BEN));
    site.share(APP, BEN, "consumer");
    assertEquals(List.of(APP), listed(BEN));
    site.share(DEPLOYMENT, BEN, "user");
    assertEquals(List.of(APP, DEPLOYMENT), listed(BEN));
    assertEquals(List.of(), listed(CYD));
  }

  private List<String> listed(String actor) {
    return site
        .as(actor)
        .listResources(ListResourcesRequest.newBuilder().setParent(ACME).build())
        .getResourcesList()
        .stream()
        .map(Resource::getName)
        .toList();
  }

  private StatusRuntimeException failure(
      BiConsumer<AdminServiceBlockingStub, String> call, String actor, String resource) {
    return assertThrows(StatusRuntimeException.class, () -> call.accept(site.as(actor), resource));
  }

  /** The calls of the admin plane that are about one resource. */
  private Map<String, BiConsumer<AdminServiceBlockingStub, String>> calls() {
    Map<String, BiConsumer<AdminServiceBlockingStub, String>> calls = new TreeMap<>();
    calls.put(
        "get",
        (stub, name) -> stub.getResource(GetResourceRequest.newBuilder().setName(name).build()));
    calls.put(
        "list",
        (stub, name) ->
            stub.listResources(ListResourcesRequest.newBuilder().setParent(name).build()));
    calls.put(
        "roles",
        (stub, name) ->
            stub.listGrantableRoles(
                ListGrantableRolesRequest.newBuilder().setResource(name).build()));
    calls.put(
        "grants",
        (stub, name) -> stub.listGrants(ListGrantsRequest.newBuilder().setResource(name).build()));
    calls.put("share", (stub, name) -> site.share(stub, name, BEN, "editor"));
    calls.put("revoke", (stub, name) -> site.revoke(stub, name, ANA));
    calls.put("transfer", (stub, name) -> site.transfer(stub, name, ANA, BEN, "editor"));
    calls.put(
        "update",
        (stub, name) ->
            stub.updateResource(
                UpdateResourceRequest.newBuilder()
                    .setResource(Resource.newBuilder().setName(name).setDisplayName("Mine"))
                    .setUpdateMask(FieldMask.newBuilder().addPaths("display_name"))
                    .build()));
    calls.put(
        "delete",
        (stub, name) ->
            stub.deleteResource(DeleteResourceRequest.newBuilder().setName(name).build()));
    calls.put(
        "link",
        (stub, name) ->
            stub.putExternalLink(
                PutExternalLinkRequest.newBuilder()
                    .setResource(name)
                    .setId("guests")
                    .setRole("consumer")
                    .build()));
    calls.put(
        "unlink",
        (stub, name) ->
            stub.deleteExternalLink(
                DeleteExternalLinkRequest.newBuilder().setResource(name).setId("guests").build()));
    calls.put(
        "policy",
        (stub, name) -> stub.getPolicy(GetPolicyRequest.newBuilder().setResource(name).build()));
    calls.put(
        "setPolicy",
        (stub, name) ->
            stub.setPolicy(
                SetPolicyRequest.newBuilder()
                    .setResource(name)
                    .setPolicy(Policy.newBuilder().setEtag("read"))
                    .build()));
    calls.put(
        "suspend",
        (stub, name) ->
            stub.suspend(
                SuspendRequest.newBuilder()
                    .setTarget(SuspensionTarget.newBuilder().setResource(name))
                    .build()));
    calls.put(
        "resume",
        (stub, name) ->
            stub.resume(
                ResumeRequest.newBuilder()
                    .setTarget(SuspensionTarget.newBuilder().setResource(name))
                    .build()));
    return calls;
  }
}
