package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.util.Timestamps;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.SnapshotSink;
import dev.modelgate.store.Table;
import dev.modelgate.v1.AccessChange;
import dev.modelgate.v1.AccessPeriod;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.ConditionalChange;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An organization of which mutations are previewed. Ana owns all of it, Ben is in the group {@code
 * risk}, Cleo uses the model {@code fraud}; {@code risk} uses the model {@code tricky}, which is
 * published; the application {@code report} has a link, and {@code other} is suspended. Eve used
 * {@code fraud}, and is deleted.
 */
final class PreviewPlane implements AutoCloseable {
  static final String RISK = "group:risk";
  static final String CLEO = "user:cleo@acme.com";
  static final String TRICKY = PROD + "/models/tricky";
  static final String REPORT = PROD + "/applications/report";
  static final String OTHER = PROD + "/applications/other";

  static final String EVE = "user:eve@acme.com";

  final TypePlane types = new TypePlane();
  final AdminPlane plane = types.plane;

  /** The uid of Eve, who used {@code fraud} and was deleted. */
  final String eve;

  PreviewPlane() {
    for (String name : List.of(BEN, CLEO)) {
      plane.principal(name);
    }
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(RISK)
                .setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_ACCESS)
                .build());
    plane.admin().updateMemberships(TypePlane.membership(true, RISK, BEN));
    plane
        .admin()
        .createResource(
            CreateResourceRequest.newBuilder()
                .setName(TRICKY)
                .setOwner(ANA)
                .setType("tricky")
                .addFlags("published")
                .build());
    plane.share(FRAUD, EVE, "user");
    eve = plane.admin().getPrincipal(of(EVE)).getPrincipal().getUid();
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(EVE).build());
    plane.resource(REPORT);
    plane.resource(OTHER);
    plane.share(FRAUD, CLEO, "user");
    plane.share(TRICKY, RISK, "user");
    plane
        .admin()
        .putExternalLink(
            PutExternalLinkRequest.newBuilder().setResource(REPORT).setId("old").build());
    plane
        .admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setTarget(SuspensionTarget.newBuilder().setResource(OTHER))
                .build());
  }

  private static GetPrincipalRequest of(String principal) {
    return GetPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(principal).build();
  }

  /** The request that previews a mutation. */
  static PreviewRequest.Builder of(Message mutation) {
    PreviewRequest.Builder request = PreviewRequest.newBuilder();
    return request.setField(field(mutation), mutation);
  }

  private static FieldDescriptor field(Message mutation) {
    return PreviewRequest.getDescriptor().getOneofs().get(0).getFields().stream()
        .filter(field -> field.getMessageType().equals(mutation.getDescriptorForType()))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("no preview of " + mutation.getDescriptorForType().getName()));
  }

  /** Gives somebody a role on {@code fraud}, in place of what he has. */
  static UpdateGrantsRequest.Builder share(String principal, String role) {
    return UpdateGrantsRequest.newBuilder()
        .setResource(FRAUD)
        .addChanges(
            GrantChange.newBuilder()
                .setMode(GrantChange.Mode.MODE_SET)
                .setPrincipal(principal)
                .setRole(role));
  }

  /** Previews as the system administrator; as {@link #lines}. */
  List<String> preview(Message mutation) {
    return lines(plane.admin().preview(of(mutation).build()));
  }

  /** Previews as somebody; as {@link #lines}. */
  List<String> previewAs(String principal, Message mutation) {
    return lines(plane.as(principal).preview(of(mutation).build()));
  }

  /** What a page says, a line for each period, and a last one when it is not complete. */
  static List<String> lines(PreviewResponse page) {
    List<String> lines = new ArrayList<>();
    for (AccessChange change : page.getChangesList()) {
      for (AccessPeriod period : change.getPeriodsList()) {
        StringBuilder line = new StringBuilder(change.getPrincipal()).append(' ');
        line.append(change.getResource().replaceFirst("^" + PROD + "/", ""));
        if (period.hasStartTime()) {
          line.append(" from ").append(Timestamps.toString(period.getStartTime()));
        }
        if (period.hasEndTime()) {
          line.append(" until ").append(Timestamps.toString(period.getEndTime()));
        }
        period.getGainedActionsList().forEach(action -> line.append(" +").append(action));
        period.getLostActionsList().forEach(action -> line.append(" -").append(action));
        for (ConditionalChange conditional : period.getConditionalChangesList()) {
          line.append(' ').append(conditional.getAction()).append('=');
          line.append(said(conditional.getBefore().name()))
              .append(conditional.getMissingBeforeList());
          line.append(said(conditional.getAfter().name()))
              .append(conditional.getMissingAfterList());
        }
        lines.add(line.toString());
      }
    }
    if (!page.getComplete()) {
      lines.add("not complete");
    }
    return lines;
  }

  private static String said(String decision) {
    return decision.substring("DECISION_".length());
  }

  /** Really makes a mutation, by the RPC that takes such a request. */
  static Message commit(AdminServiceBlockingStub stub, Message mutation) {
    String type = mutation.getDescriptorForType().getName();
    String method = type.substring(0, type.length() - "Request".length());
    for (MethodDescriptor<?, ?> found : AdminServiceGrpc.getServiceDescriptor().getMethods()) {
      if (method.equals(found.getBareMethodName())) {
        @SuppressWarnings("unchecked")
        MethodDescriptor<Message, Message> rpc = (MethodDescriptor<Message, Message>) found;
        return ClientCalls.blockingUnaryCall(
            stub.getChannel(), rpc, stub.getCallOptions(), mutation);
      }
    }
    throw new AssertionError("no RPC " + method);
  }

  /** Everything that the store holds, its log and its publications included, as one digest. */
  String digest() {
    var bytes = new ByteWriter(1 << 16);
    plane.replica.exportSnapshot(
        new SnapshotSink() {
          @Override
          public void head(OrgHead head) {
            bytes.text(head.toString());
          }

          @Override
          public void row(Table table, byte[] key, byte[] value) {
            bytes.varint(table.number()).bytes(key).bytes(value);
          }
        });
    String rows = HexFormat.of().formatHex(Digest.sha256().digest(bytes.toBytes()));
    return rows
        + " "
        + plane.replica.snapshot().position()
        + " "
        + plane.live.current().sequence()
        + " "
        + plane.log.epoch();
  }

  @Override
  public void close() {
    types.close();
  }
}
