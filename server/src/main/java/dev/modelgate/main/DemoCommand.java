package dev.modelgate.main;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a sidecar on a sample organization, asks it, revokes, asks again, and goes on serving. */
@Command(
    name = "demo",
    description =
        "Run a sidecar on a sample organization in a new temporary directory and show real decisions.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final int WRONG = 1;

  private final String[] args;
  private final SettingDefaults defaults;
  private final StartFailures failures;

  @Mixin ServeOptions options = new ServeOptions();

  @Option(names = "--exit", description = "stop after the decisions instead of serving")
  boolean exit;

  @Spec CommandSpec spec = CommandSpec.create();

  private boolean asExpected = true;

  DemoCommand(String[] args, SettingDefaults defaults, StartFailures failures) {
    this.args = args.clone();
    this.defaults = defaults;
    this.failures = failures;
  }

  @Override
  public Integer call() throws Exception {
    return failures.guard(spec.commandLine(), this::show);
  }

  private int show() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    defaults.requireKnown(spec);
    if (!spec.commandLine().getParseResult().hasMatchedOption("--log-level")) {
      options.logLevel = "warn";
    }
    if (options.tls.isOn()) {
      throw SettingException.of(
          "tls-cert", String.valueOf(options.tls.cert), "none, for the demo shows plain calls");
    }
    OptionalInt child = Serving.prepare(options, args);
    if (child.isPresent()) {
      return child.getAsInt();
    }
    // Never on the data directory of a real sidecar, which environment and file may name.
    if (!spec.commandLine().getParseResult().hasMatchedOption("--data")) {
      options.data = Files.createTempDirectory("modelgate-demo").resolve("data");
    }
    if (options.defaultParent.isEmpty()) {
      options.defaultParent = SampleOrganization.PROD;
    }
    if (exit) {
      try (Sidecar sidecar = new Sidecar(options)) {
        Serving.announce(sidecar, options, out);
        run(sidecar, out);
      }
      return asExpected ? 0 : WRONG;
    }
    Serving serving = Serving.start(options);
    Serving.announce(serving.sidecar(), options, out);
    run(serving.sidecar(), out);
    hints(serving.sidecar(), out);
    serving.stopWithProcess();
    serving.awaitStop();
    return 0;
  }

  private void run(Sidecar sidecar, PrintWriter out)
      throws ExecutionException, InterruptedException {
    SampleOrganization.create(sidecar.creation(), sidecar.committer());
    out.println();
    out.println(
        "Sample organization acme: cleo is in the group risk, which may use the model fraud; churn is ben's.");
    try (ModelgateClient client =
        ModelgateClient.builder()
            .address(options.listen, sidecar.servers().dataPort())
            .deadline(Duration.ofSeconds(5))
            .build()) {
      client.check(
          "serviceAccount:scorer",
          SampleOrganization.FRAUD,
          "predict"); // Connects and loads classes.
      ask(client, SampleOrganization.FRAUD, true, out);
      ask(client, SampleOrganization.CHURN, false, out);
      out.println("  revoke fraud from group:risk ...");
      SampleOrganization.revoke(sidecar.committer());
      ask(client, SampleOrganization.FRAUD, false, out);
    }
    out.flush();
  }

  private void ask(ModelgateClient client, String model, boolean expected, PrintWriter out) {
    long start = System.nanoTime();
    Answer answer = client.check(SampleOrganization.CLEO, model, "predict");
    long micros = (System.nanoTime() - start) / 1_000;
    asExpected &= answer.allowed() == expected && answer.cause().isEmpty();
    String said = answer.allowed() ? "ALLOW" : "DENY " + answer.reason();
    out.printf(
        "  Check(%s, %s, predict) -> %s  (%d us)%n",
        SampleOrganization.CLEO, Path.of(model).getFileName(), said, micros);
  }

  private void hints(Sidecar sidecar, PrintWriter out) {
    int data = sidecar.servers().dataPort();
    int admin = sidecar.servers().adminPort();
    Path token = sidecar.token().path().toAbsolutePath();
    out.println();
    out.println("Still serving. In another terminal:");
    out.printf(
        "  grpcurl -plaintext -d '{\"principal\":\"user:ana@acme.com\",\"model\":\"fraud\",\"action\":\"predict\"}'"
            + " 127.0.0.1:%d modelgate.v1.AuthorizationService/Check%n",
        data);
    out.printf(
        "  grpcurl -plaintext -H \"authorization: Bearer $(cat %s)\" -d '{\"resource\":\"%s\"}'"
            + " 127.0.0.1:%d modelgate.v1.AdminService/ListGrants%n",
        token, SampleOrganization.FRAUD, admin);
    out.printf(
        "  java -jar server/target/modelgate.jar share fraud --with user:cleo@acme.com --data %s --admin-address"
            + " 127.0.0.1:%d%n",
        token.getParent(), admin);
    out.println("Stop with Ctrl-C.");
    out.flush();
  }
}
