package dev.modelgate.client.cli;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import dev.modelgate.client.internal.ClientTls;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.client.internal.RpcError;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
  private static final int SECRET_BYTES_MAX = 256;

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
      names = "--link-secret-file",
      paramLabel = "FILE",
      description = "Holds the secret of the external link that PRINCIPAL, a link:ID, is.")
  private @Nullable Path linkSecretFile;

  @Mixin private ContextOptions context = new ContextOptions();
  @Mixin private PlaneOptions plane = new PlaneOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  CheckCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ModelgateClient.Builder builder = ModelgateClient.builder().deadline(common.timeout());
    Endpoint endpoint = plane.endpoint(environment, common);
    apply(endpoint, builder);
    Question question =
        new Question(principal, model, action, actingThrough, context.toMap(common), linkSecret());
    Answer answer;
    try (ModelgateClient client = builder.build()) {
      answer = client.check(question);
    }
    if (answer.cause().isPresent()) {
      Throwable cause = answer.cause().get();
      Exception failure =
          cause instanceof Exception e ? e : new CliException("not answered", cause);
      // Which one it was is a choice of this command, and the transport does not always tell.
      throw RpcError.of(failure).code() == Status.Code.UNAVAILABLE
          ? new PlacedException(failure, "", "asked at " + endpoint.text())
          : failure;
    }
    common.print(common.json() ? toJson(answer) : toText(answer));
    return answer.allowed() ? 0 : ModelgateCli.EXIT_DENIED;
  }

  private static void apply(Endpoint endpoint, ModelgateClient.Builder builder) {
    if (endpoint instanceof Endpoint.UnixSocket unix) {
      builder.socket(unix.path());
      unix.owner().ifPresent(builder::socketOwner);
    } else if (endpoint instanceof Endpoint.Tcp tcp) {
      builder.address(tcp.host(), tcp.port());
    } else if (endpoint instanceof Endpoint.Tls secured) {
      ClientTls tls = secured.tls();
      builder.address(secured.host(), secured.port()).tls();
      tls.authorities().ifPresent(builder::tls);
      tls.identity().ifPresent(shown -> builder.tlsCertificate(shown.certificate(), shown.key()));
      tls.serverName().ifPresent(builder::tlsServerName);
    }
  }

  private String linkSecret() {
    return linkSecretFile == null ? "" : SmallFile.readWord(linkSecretFile, SECRET_BYTES_MAX);
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
