package dev.modelgate.client.cli;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.modelgate.client.Sidecar;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs commands in this process, against a recording admin plane or another server. */
final class CliBed implements AutoCloseable {
  static final String FRAUD = "organizations/acme/models/fraud";

  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

  final RecordingAdmin admin = new RecordingAdmin();
  final Map<String, String> variables = new HashMap<>();
  final Path data;
  InputStream in = InputStream.nullInputStream();
  OutputStream out = new ByteArrayOutputStream();
  boolean terminal;

  private final List<Sidecar> sidecars = new ArrayList<>();

  /** What a command left. */
  record Run(int exitCode, String out, String err) {}

  CliBed(Path data) {
    this.data = data;
  }

  /** Runs a command against the recording admin plane, whose token is {@code secret}. */
  Run admin(String... args) throws IOException {
    return against(serve(admin.recordingHeaders()), args);
  }

  /** Runs a command against the admin plane at an address. */
  Run against(String address, String... args) throws IOException {
    Files.writeString(data.resolve("admin.token"), "secret\n");
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--data", data.toString(), "--admin-address", address));
    return run(all.toArray(new String[0]));
  }

  /** Runs a command. */
  Run run(String... args) {
    StringWriter text = new StringWriter();
    StringWriter err = new StringWriter();
    Environment environment = new Environment(variables, in, out, terminal, NOW, delay -> {});
    int exitCode =
        ModelgateCli.newCommandLine(environment)
            .setOut(new PrintWriter(text))
            .setErr(new PrintWriter(err))
            .execute(args);
    return new Run(exitCode, text.toString(), err.toString());
  }

  /** Starts a server and tells its address. */
  String serve(BindableService service) throws IOException {
    Sidecar sidecar = Sidecar.onLoopback(service);
    sidecars.add(sidecar);
    return "127.0.0.1:" + sidecar.port();
  }

  /** Starts a server on a unix socket. */
  void serve(BindableService service, Path socket) throws IOException {
    sidecars.add(Sidecar.onSocket(socket, service));
  }

  /** What the next command reads from standard input. */
  void input(String text) {
    in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The value of a header of the last call. */
  String lastHeader(String name) {
    return String.valueOf(
        admin
            .headers
            .get(admin.headers.size() - 1)
            .get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
  }

  static Throwable outcomeUnknown() {
    return failure(
        Status.Code.UNKNOWN,
        "the outcome is unknown",
        info("OUTCOME_UNKNOWN", Map.of("base_revision", "r5")));
  }

  static Throwable invalid() {
    return failure(
        Status.Code.INVALID_ARGUMENT,
        "principal is malformed",
        info("INVALID_FIELD", Map.of("field", "principal")),
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder()
                    .setField("principal")
                    .setDescription("expected a kind"))
            .build());
  }

  static ErrorInfo info(String reason, Map<String, String> metadata) {
    return ErrorInfo.newBuilder()
        .setDomain("modelgate.dev")
        .setReason(reason)
        .putAllMetadata(metadata)
        .build();
  }

  static Throwable failure(Status.Code code, String message, Message... details) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage(message);
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  @Override
  public void close() {
    sidecars.forEach(Sidecar::close);
  }
}
