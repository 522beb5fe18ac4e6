package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GetOrganizationRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes that no stub sends: each ends its own call with a reason, allows nothing, breaks nothing.
 */
final class WireTest {
  private static final String CLEO = "user:cleo@acme.com";

  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void end() {
    assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
    bed.close();
  }

  @Test
  void request_textThatIsNotUtf8_isRefused() {
    ByteString bad = field(1, ByteString.copyFrom(new byte[] {'u', (byte) 0xc3, 0x28}));
    assertEquals("request", undecodable(bad).getMetadataOrThrow("field"));
  }

  @Test
  void request_cutOff_isRefused() {
    ByteString whole = question().toByteString();
    undecodable(whole.substring(0, whole.size() - 3));
  }

  @Test
  void request_fieldOfAWrongType_isRefusedAsMissing() {
    // Field 1 as a number is an unknown field to protobuf, so the principal is empty.
    ByteString number = ByteString.copyFrom(new byte[] {1 << 3, 7});
    ByteString rest = question().toBuilder().clearPrincipal().build().toByteString();
    ErrorInfo info = undecodable(number.concat(rest));
    assertEquals("principal", info.getMetadataOrThrow("field"));
  }

  @Test
  void request_overlongTag_isRefused() {
    undecodable(
        ByteString.copyFrom(new byte[] {(byte) 0x8a, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x70}));
  }

  @Test
  void request_unknownFields_areIgnored() throws IOException {
    UnknownFieldSet more =
        UnknownFieldSet.newBuilder()
            .addField(9_999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    CheckRequest question = question().toBuilder().setUnknownFields(more).build();
    CheckResponse response = CheckResponse.parseFrom(raw(question.toByteString()));
    assertEquals(Decision.DECISION_ALLOW, response.getDecision());
  }

  @Test
  void context_nestedBeyondTheParser_isRefused() {
    Value nested = Value.newBuilder().setBoolValue(true).build();
    for (int i = 0; i < 200; i++) {
      nested =
          Value.newBuilder().setStructValue(Struct.newBuilder().putFields("x", nested)).build();
    }
    CheckRequest deep =
        question().toBuilder().setContext(Struct.newBuilder().putFields("x", nested)).build();
    undecodable(deep.toByteString());
  }

  @Test
  void message_aboveTheBound_isRefusedWithItsSize() {
    ErrorInfo info = refused(field(1, ByteString.copyFrom(new byte[5 << 20])));
    assertEquals("LIMIT_EXCEEDED", info.getReason());
    assertEquals("request", info.getMetadataOrThrow("field"));
    assertEquals(Integer.toString(4 << 20), info.getMetadataOrThrow("limit"));
    assertEquals(1, bed.refused("size"));
  }

  @Test
  void message_farAboveTheBound_endsTheCall() {
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () -> raw(field(1, ByteString.copyFrom(new byte[20 << 20]))));
    assertTrue(
        e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
            || e.getStatus().getCode() == Status.Code.CANCELLED,
        e::toString);
    Probe.await("the count", () -> bed.refused("size") == 1);
  }

  @Test
  void securityMetadata_givenTwice_isRefused() {
    Metadata twice = new Metadata();
    Metadata.Key<String> authorization =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    twice.put(authorization, "Bearer one");
    twice.put(authorization, "Bearer two");
    assertEquals("UNAUTHENTICATED", ofAdmin(twice, Status.Code.UNAUTHENTICATED).getReason());
    Metadata actors = new Metadata();
    actors.put(authorization, "Bearer " + bed.token());
    Metadata.Key<String> onBehalfOf =
        Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);
    actors.put(onBehalfOf, "user:ana@acme.com");
    actors.put(onBehalfOf, CLEO);
    assertEquals("ON_BEHALF_OF_INVALID", ofAdmin(actors, Status.Code.INVALID_ARGUMENT).getReason());
    Metadata empty = new Metadata();
    empty.put(authorization, "Bearer " + bed.token());
    empty.put(onBehalfOf, "");
    assertEquals("ON_BEHALF_OF_INVALID", ofAdmin(empty, Status.Code.INVALID_ARGUMENT).getReason());
  }

  @Test
  void adminRequest_undecodable_isRefusedToo() {
    Metadata token = new Metadata();
    token.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + bed.token());
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                call(
                    bed.adminChannel(),
                    AdminServiceGrpc.getUpdateGrantsMethod().getFullMethodName(),
                    CallOptions.DEFAULT,
                    token,
                    ByteString.copyFrom(new byte[] {0x0a, 0x7f})));
    assertEquals("INVALID_FIELD", info(e).getReason());
  }

  private ErrorInfo ofAdmin(Metadata headers, Status.Code code) {
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                bed.admin(headers)
                    .getOrganization(
                        GetOrganizationRequest.newBuilder().setName("organizations/acme").build()));
    assertEquals(code, e.getStatus().getCode());
    return info(e);
  }

  private ErrorInfo undecodable(ByteString request) {
    ErrorInfo info = refused(request);
    assertEquals("INVALID_FIELD", info.getReason());
    return info;
  }

  private ErrorInfo refused(ByteString request) {
    return info(assertThrows(StatusRuntimeException.class, () -> raw(request)));
  }

  private static ErrorInfo info(StatusRuntimeException e) {
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    try {
      ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
      ErrorContract.requireKept(e.getStatus().getCode(), info);
      return info;
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static CheckRequest question() {
    return CheckRequest.newBuilder()
        .setPrincipal(CLEO)
        .setModel(SidecarBed.FRAUD)
        .setAction("predict")
        .build();
  }

  private static ByteString field(int number, ByteString value) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build())
        .build()
        .toByteString();
  }

  private byte[] raw(ByteString request) {
    return call(
        bed.dataChannel(),
        AuthorizationServiceGrpc.getCheckMethod().getFullMethodName(),
        CallOptions.DEFAULT,
        new Metadata(),
        request);
  }

  private static byte[] call(
      ManagedChannel channel,
      String method,
      CallOptions options,
      Metadata headers,
      ByteString request) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(method)
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    return ClientCalls.blockingUnaryCall(
        io.grpc.ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        descriptor,
        options,
        request.toByteArray());
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
