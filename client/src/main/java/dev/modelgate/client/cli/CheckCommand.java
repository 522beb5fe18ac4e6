package dev.modelgate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.client.internal.RpcError;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Asks one question of the data plane. */
@Command(
    name = "check",
    description = "Ask whether a principal may do an action on a model. Needs no token.",
    footer = {
      "",
      "Exit codes: 0 allowed, 1 denied or conditional, 2 not answered.",
      "",
      "Example:",
      "  modelgate check user:ana@acme.com organizations/acme/environments/prod/models/fraud"
          + " predict"
    })
final class CheckCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "PRINCIPAL",
      description = "Who acts, as user:ana@acme.com.")
  private String principal = "";

  @Parameters(index = "1", paramLabel = "MODEL", description = "A full or relative resource name.")
  private String model = "";

  @Parameters(index = "2", paramLabel = "ACTION", description = "A verb, such as predict.")
  private String action = "";

  @Option(
      names = "--acting-through",
      paramLabel = "PRINCIPAL",
      description = "A service account or app in between; repeat, nearest to the principal first.")
  private List<String> actingThrough = List.of();

  @Option(
      names = "--context",
      paramLabel = "JSON",
      description = "Attributes for conditions: an object, as '{\"device\":{\"trusted\":true}}'.")
  private String context = "{}";

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.class,
      description =
          "The data plane, on loopback. Default: DIR/modelgate.sock if it is there, else"
              + " 127.0.0.1:7070.")
  private Endpoint.@Nullable Tcp address;

  @Option(names = "--socket", paramLabel = "PATH", description = "The data plane's unix socket.")
  private @Nullable Path socket;

  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws Exception {
    ModelgateClient.Builder builder = ModelgateClient.builder().deadline(common.timeout());
    Endpoint plane = plane();
    if (plane instanceof Endpoint.UnixSocket unix) {
      builder.socket(unix.path());
    } else if (plane instanceof Endpoint.Tcp tcp) {
      builder.address(tcp.host(), tcp.port());
    }
    Answer answer;
    try (ModelgateClient client = builder.build()) {
      answer = client.check(new Question(principal, model, action, actingThrough, attributes()));
    }
    if (answer.cause().isPresent()) {
      Throwable cause = answer.cause().get();
      Exception failure =
          cause instanceof Exception e ? e : new CliException("not answered", cause);
      // Which one it was is a choice of this command, and the transport does not always tell.
      throw RpcError.of(failure).code() == Status.Code.UNAVAILABLE
          ? new PlacedException(failure, "", "asked at " + text(plane))
          : failure;
    }
    common.print(common.json() ? toJson(answer) : toText(answer));
    return answer.allowed() ? 0 : ModelgateCli.EXIT_DENIED;
  }

  private Map<String, Object> attributes() {
    Struct.Builder object = Struct.newBuilder();
    try {
      Json.parse(context, object);
      return Json.map(object.build());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new ParameterException(
          common.spec().commandLine(),
          "--context: `" + context + "` (expected: a JSON object without nulls)",
          e);
    }
  }

  /** The one that is named, or the socket of the data directory if it is there, or TCP. */
  private Endpoint plane() {
    if (address != null && socket != null) {
      throw new ParameterException(
          common.spec().commandLine(), "--address and --socket exclude each other");
    }
    if (address != null) {
      return address;
    }
    return socket == null ? usualPlane(common.data()) : new Endpoint.UnixSocket(socket);
  }

  /** Where a sidecar with this data directory listens, if it was told nothing else. */
  static Endpoint usualPlane(Path data) {
    Path usual = data.resolve("modelgate.sock");
    return Files.exists(usual)
        ? new Endpoint.UnixSocket(usual)
        : new Endpoint.Tcp("127.0.0.1", 7070);
  }

  private static String text(Endpoint plane) {
    return plane instanceof Endpoint.Tcp tcp
        ? tcp.host() + ":" + tcp.port()
        : ((Endpoint.UnixSocket) plane).path().toString();
  }

  private static String toText(Answer answer) {
    StringBuilder text = new StringBuilder(answer.outcome().name());
    append(text, "reason", answer.reason());
    append(text, "denied link", answer.deniedLink());
    append(text, "missing attributes", String.join(", ", answer.missingAttributes()));
    append(text, "valid until", answer.validUntil().map(Object::toString).orElse(""));
    append(text, "revision", answer.revision());
    return text.toString();
  }

  private static void append(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(System.lineSeparator()).append(name).append(": ").append(value);
    }
  }

  private static String toJson(Answer answer) {
    ListValue.Builder missing = ListValue.newBuilder();
    answer.missingAttributes().forEach(name -> missing.addValues(Json.string(name)));
    return Json.pretty(
        Struct.newBuilder()
            .putFields("allowed", Json.bool(answer.allowed()))
            .putFields("outcome", Json.string(answer.outcome().name()))
            .putFields("reason", Json.string(answer.reason()))
            .putFields("revision", Json.string(answer.revision()))
            .putFields(
                "validUntil", Json.string(answer.validUntil().map(Object::toString).orElse("")))
            .putFields("deniedLink", Json.string(answer.deniedLink()))
            .putFields("missingAttributes", Value.newBuilder().setListValue(missing).build()));
  }
}
