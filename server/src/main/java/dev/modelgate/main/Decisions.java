package dev.modelgate.main;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.LoggedAuthorizer;
import dev.modelgate.config.DataDirectory;
import dev.modelgate.config.SettingException;
import dev.modelgate.decisionlog.DecisionMask;
import dev.modelgate.decisionlog.FileDecisionLog;
import dev.modelgate.grpc.Authentication;
import dev.modelgate.metrics.PrometheusTelemetry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The decision log of a sidecar. */
final class Decisions {
  private Decisions() {}

  /**
   * The authorizer that tells the decision log; the same one when there is none.
   *
   * @throws SettingException when the log cannot be written
   */
  static Authorizer logged(
      Authorizer authorizer,
      DecisionLogOptions options,
      DataDirectory directory,
      MonotoneClock clock,
      PrometheusTelemetry telemetry,
      Parts parts) {
    @Nullable FileDecisionLog log = options.isOn() ? open(options, directory, parts) : null;
    telemetry.counter(
        "modelgate.decision.log.lines", "Decisions written", () -> log == null ? 0 : log.written());
    telemetry.counter(
        "modelgate.decision.log.dropped",
        "Decisions that were to be written and were not",
        () -> log == null ? 0 : log.dropped());
    telemetry.counter(
        "modelgate.decision.log.failures",
        "Failed writes of the decision log",
        () -> log == null ? 0 : log.failures());
    return log == null
        ? authorizer
        : new LoggedAuthorizer(
            authorizer, log, options.every(), Authentication::presentCredential, clock);
  }

  private static FileDecisionLog open(
      DecisionLogOptions options, DataDirectory directory, Parts parts) {
    try {
      return parts.keep(
          new FileDecisionLog(
              directory.decisions(),
              options.fileBytes,
              options.files,
              new DecisionMask(options.masked(), directory.decisionKey())));
    } catch (IOException e) {
      throw new SettingException(
          directory.decisions() + ": the decision log cannot be written, " + e.getMessage());
    }
  }
}
