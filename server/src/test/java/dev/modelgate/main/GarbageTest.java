package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import io.grpc.CallOptions;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Garbage to every method of every service: what cannot be read, what is too much, and what can be
 * read and makes no sense. Each refusal keeps the contract of errors, and none of them tells what
 * only this process knows: a secret, a path, a class.
 */
final class GarbageTest {
  private static final int MESSAGES = Integer.getInteger("modelgate.garbage.messages", 24);
  private static final int ERROR_BYTES_MAX = 6_000;
  private static final Set<Status.Code> DEFECTS =
      Set.of(Status.Code.INTERNAL, Status.Code.UNKNOWN, Status.Code.DATA_LOSS);
  private static final List<String> INTERNALS =
      List.of("Exception", "java.", "dev.modelgate.", "io.grpc", "org.rocksdb", "\tat ", "/tmp/");

  @TempDir Path directory;

  private SidecarBed bed;
  private LogWatch log;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
    log = new LogWatch();
  }

  @AfterEach
  void end() {
    assertNotNull(bed.check("user:ana@acme.com", SidecarBed.FRAUD, "predict").getDecision());
    log.assertQuiet();
    log.close();
    bed.close();
  }

  @Test
  void everyMethod_messagesThatMakeNoSense_areAnsweredOrRefusedAsPromised() throws Exception {
    long seed = Long.getLong("modelgate.garbage.seed", System.nanoTime());
    RandomMessages messages = new RandomMessages(new Random(seed));
    for (WireMethod method : WireMethod.ours(bed)) {
      for (int i = 0; i < MESSAGES; i++) {
        byte[] message = messages.of(method.request()).toByteArray();
        for (Metadata headers : List.of(admin(), onBehalfOf("user:ana@acme.com"))) {
          ask(method, headers, List.of(message), "seed " + seed);
        }
        ask(method, admin(), List.of(messages.damaged(message)), "damaged, seed " + seed);
      }
    }
  }

  @Test
  void everyMethod_withoutACredential_tellsNothing() throws Exception {
    for (WireMethod method : WireMethod.ours(bed)) {
      RawCall.Ended ended = ask(method, new Metadata(), List.of(new byte[0]), "no credential");
      if (method.needsCredential()) {
        assertEquals(Status.Code.UNAUTHENTICATED, ended.status().getCode(), method.name());
      }
      Metadata wrong = new Metadata();
      wrong.put(key("authorization"), "Bearer ${env:HOME}" + bed.token().substring(1));
      ask(method, wrong, List.of(new byte[0]), "a wrong token");
    }
  }

  @Test
  void everyMethod_bytesThatAreNoMessage_areInvalid() throws Exception {
    byte[] cutOff = {0x0a, 0x7f};
    byte[] noUtf8 = {0x0a, 2, (byte) 0xc3, 0x28};
    byte[] endlessGroups = new byte[5_000];
    java.util.Arrays.fill(endlessGroups, (byte) 0x0b);
    for (WireMethod method : WireMethod.all(bed)) {
      for (byte[] bytes : List.of(cutOff, endlessGroups)) {
        assertInvalid(ask(method, admin(), List.of(bytes), "undecodable"), method);
      }
      Descriptor request = method.request();
      boolean beginsWithText =
          request.findFieldByNumber(1) != null
              && request.findFieldByNumber(1).getJavaType()
                  == com.google.protobuf.Descriptors.FieldDescriptor.JavaType.STRING;
      if (beginsWithText) {
        assertInvalid(ask(method, admin(), List.of(noUtf8), "not UTF-8"), method);
      }
    }
  }

  @Test
  void everyMethod_messageTooLarge_isRefusedWithItsBound() throws Exception {
    byte[] large = new byte[5 << 20];
    for (WireMethod method : WireMethod.all(bed)) {
      RawCall.Ended ended = ask(method, admin(), List.of(large), "large");
      assertEquals("LIMIT_EXCEEDED", info(ended).getReason(), method.name());
    }
  }

  @Test
  void everyMethodOfOneRequest_noneOrTwo_isRefused() throws Exception {
    for (WireMethod method : WireMethod.all(bed)) {
      if (method.takesOne()) {
        assertInvalid(ask(method, admin(), List.of(), "none"), method);
        assertInvalid(ask(method, admin(), List.of(new byte[0], new byte[0]), "two"), method);
      }
    }
  }

  @Test
  void compressedRequest_thatIsABomb_isRefusedWithItsBound() throws Exception {
    byte[] bomb = bytes(UnknownFieldSet.Field.newBuilder().addLengthDelimited(zeros(40 << 20)));
    CallOptions gzip = CallOptions.DEFAULT.withCompression("gzip");
    List<WireMethod> ours = WireMethod.ours(bed);
    for (WireMethod method : List.of(ours.get(0), ours.get(ours.size() - 1))) {
      RawCall.Ended ended =
          RawCall.of(method.channel(), method.name(), admin(), List.of(bomb), gzip);
      assertKept(method, ended, "a bomb");
      assertEquals("LIMIT_EXCEEDED", info(ended).getReason(), method.name());
    }
  }

  @Test
  void compressedRequest_thatIsNoGzip_isInvalid() throws Exception {
    CompressorRegistry lying = CompressorRegistry.newEmptyInstance();
    lying.register(new NoGzip());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", bed.sidecar().servers().dataPort())
            .usePlaintext()
            .compressorRegistry(lying)
            .build();
    try {
      WireMethod method = WireMethod.ours(bed).get(0);
      CallOptions gzip = CallOptions.DEFAULT.withCompression("gzip");
      byte[] text = "this is no gzip at all".getBytes(StandardCharsets.UTF_8);
      RawCall.Ended ended = RawCall.of(channel, method.name(), admin(), List.of(text), gzip);
      assertKept(method, ended, "no gzip");
      assertInvalid(ended, method);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void unknownMethod_isUnimplementedWithAReason() throws Exception {
    for (String name :
        List.of("modelgate.v1.AdminService/Nothing", "x/y", "x".repeat(4_000) + "/" + "y")) {
      WireMethod method =
          new WireMethod(bed.adminChannel(), name, Any.getDescriptor(), true, false);
      RawCall.Ended ended = ask(method, admin(), List.of(new byte[10]), "unknown");
      assertEquals(Status.Code.UNIMPLEMENTED, ended.status().getCode());
      assertEquals("METHOD_UNKNOWN", info(ended).getReason());
    }
  }

  private RawCall.Ended ask(WireMethod method, Metadata headers, List<byte[]> requests, String what)
      throws InterruptedException {
    RawCall.Ended ended = RawCall.of(method.channel(), method.name(), headers, requests);
    assertKept(method, ended, what);
    return ended;
  }

  private void assertKept(WireMethod method, RawCall.Ended ended, String what) {
    if (ended.status().isOk()) {
      return;
    }
    String told = method.name() + ", " + what + ": " + ended;
    assertFalse(DEFECTS.contains(ended.status().getCode()), told);
    ErrorContract.requireKept(ended.status().getCode(), info(ended));
    var status = StatusProto.fromStatusAndTrailers(ended.status(), ended.trailers());
    assertTrue(status.getSerializedSize() <= ERROR_BYTES_MAX, told);
    String all = status.toByteString().toString(StandardCharsets.ISO_8859_1) + ended.trailers();
    for (String internal : INTERNALS) {
      assertFalse(all.contains(internal), () -> internal + " in " + told);
    }
    assertFalse(all.contains(bed.token()) || all.contains(directory.toString()), told);
  }

  private static void assertInvalid(RawCall.Ended ended, WireMethod method) {
    assertEquals(Status.Code.INVALID_ARGUMENT, ended.status().getCode(), method::name);
    assertEquals("INVALID_FIELD", info(ended).getReason(), method::name);
    assertEquals("request", info(ended).getMetadataOrThrow("field"), method::name);
  }

  private static ErrorInfo info(RawCall.Ended ended) {
    var status = StatusProto.fromStatusAndTrailers(ended.status(), ended.trailers());
    List<Any> infos =
        status.getDetailsList().stream().filter(detail -> detail.is(ErrorInfo.class)).toList();
    assertEquals(1, infos.size(), ended::toString);
    try {
      return infos.get(0).unpack(ErrorInfo.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteString zeros(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  private static byte[] bytes(UnknownFieldSet.Field.Builder field) {
    return UnknownFieldSet.newBuilder().addField(1_000, field.build()).build().toByteArray();
  }

  private Metadata admin() {
    Metadata headers = new Metadata();
    headers.put(key("authorization"), "Bearer " + bed.token());
    return headers;
  }

  private Metadata onBehalfOf(String principal) {
    Metadata headers = admin();
    headers.put(key("x-modelgate-on-behalf-of"), principal);
    return headers;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Says gzip and compresses nothing. */
  private static final class NoGzip implements Compressor {
    @Override
    public String getMessageEncoding() {
      return "gzip";
    }

    @Override
    public OutputStream compress(OutputStream plain) {
      return plain;
    }
  }
}
