package dev.modelgate.client.cli;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.modelgate.v1.AccessChange;
import dev.modelgate.v1.AccessPeriod;
import dev.modelgate.v1.ConditionalChange;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import io.grpc.StatusException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Stands before any command that changes something, which then changes nothing and shows who would
 * gain and who would lose what. {@link MutationOptions} looks for it above its own command.
 */
@Command(
    name = "preview",
    description = {
      "Show who would gain and who would lose what by a command, and change nothing.",
      "Fails exactly when the command would."
    },
    footer = {
      "",
      "Example:",
      "  modelgate preview revoke organizations/acme/environments/prod/models/fraud \\",
      "      --from group:risk"
    })
final class PreviewCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private ContextOptions context = new ContextOptions();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it.
  private boolean help;

  private PreviewCommand() {}

  /** The command with everything that it can stand before. */
  static CommandLine commandLine(Environment environment) {
    return new CommandLine(new PreviewCommand())
        .addSubcommand(new ShareCommand(environment))
        .addSubcommand(new RevokeCommand(environment))
        .addSubcommand(
            "policy",
            CommandGroup.of("All direct grants on a resource.", new PolicySetCommand(environment)))
        .addSubcommand(
            "profile",
            CommandGroup.of(
                "What roles mean and how is shared.", new ProfilePutCommand(environment)))
        .addSubcommand(
            "rights",
            CommandGroup.of(
                "Rights for whole kinds of resources.",
                new RightsSetCommand(environment),
                new RightsRemoveCommand(environment)))
        .addSubcommand(
            "deny-rule",
            CommandGroup.of(
                "Rules that deny, whatever is granted.",
                new DenyRulePutCommand(environment),
                new DenyRuleDeleteCommand(environment)))
        .addSubcommand(
            "link",
            CommandGroup.of(
                "External links.",
                new LinkPutCommand(environment),
                new LinkDeleteCommand(environment)))
        .addSubcommand(
            "principal",
            CommandGroup.of("Who acts and receives.", new PrincipalRestoreCommand(environment)))
        .addSubcommand(new SuspendCommand(environment))
        .addSubcommand(new ResumeCommand(environment));
  }

  /** The preview that a command stands behind, if it does. */
  static Optional<PreviewCommand> above(CommandSpec command) {
    for (CommandSpec above = command; above != null; above = above.parent()) {
      if (above.userObject() instanceof PreviewCommand preview) {
        return Optional.of(preview);
      }
    }
    return Optional.empty();
  }

  @Override
  public void run() {
    if (spec != null) {
      Map<String, CommandLine> known = new TreeMap<>(spec.subcommands());
      throw new ParameterException(
          spec.commandLine(),
          "missing command (expected: " + String.join(", ", known.keySet()) + ")");
    }
  }

  /**
   * Asks what a mutation would change, and prints it.
   *
   * @param mutation the request of its RPC
   */
  void print(AdminConnection connection, CommonOptions common, Message mutation)
      throws StatusException {
    PreviewRequest.Builder request =
        PreviewRequest.newBuilder()
            .setField(field(mutation), mutation)
            .setContext(context.toStruct(common));
    PreviewResponse.Builder all = PreviewResponse.newBuilder();
    list.walk(
        common,
        (size, token) -> {
          PreviewResponse page =
              connection
                  .within(common.timeout())
                  .preview(request.setPageSize(size).setPageToken(token).build());
          // The changes add up; for the rest the last page speaks for all.
          all.clearComplete().clearValidUntil().clearNextPageToken().mergeFrom(page);
          return new ListOptions.Page(page.getChangesCount(), page.getNextPageToken());
        });
    list.print(common, all, table(all), "changes", all.getNextPageToken());
    if (!common.json() && all.getChangesCount() == 0 && all.getComplete()) {
      common.err().println("no access would change");
      common.err().flush();
    }
    LookupCompleteness.warn(common, all.getNextPageToken(), all.getComplete());
  }

  private static FieldDescriptor field(Message mutation) {
    return PreviewRequest.getDescriptor().getOneofs().get(0).getFields().stream()
        .filter(field -> field.getMessageType().equals(mutation.getDescriptorForType()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no preview of a " + mutation.getDescriptorForType().getName()));
  }

  private static TextTable table(PreviewResponse.Builder all) {
    TextTable table =
        new TextTable(
            List.of("PRINCIPAL", "RESOURCE", "FROM", "UNTIL", "GAINS", "LOSES", "CONDITIONAL"));
    for (AccessChange change : all.getChangesList()) {
      for (AccessPeriod period : change.getPeriodsList()) {
        table.add(
            List.of(
                change.getPrincipal(),
                change.getResource(),
                period.hasStartTime() ? ListOptions.time(period.getStartTime()) : "now",
                period.hasEndTime() ? ListOptions.time(period.getEndTime()) : "",
                String.join(",", period.getGainedActionsList()),
                String.join(",", period.getLostActionsList()),
                period.getConditionalChangesList().stream()
                    .map(PreviewCommand::text)
                    .collect(Collectors.joining(" "))));
      }
    }
    return table;
  }

  /** As {@code predict:deny>conditional(device)}. */
  private static String text(ConditionalChange change) {
    return change.getAction()
        + ":"
        + text(change.getBefore().name(), change.getMissingBeforeList())
        + ">"
        + text(change.getAfter().name(), change.getMissingAfterList());
  }

  private static String text(String decision, List<String> missing) {
    String word = decision.replaceFirst("^DECISION_", "").toLowerCase(Locale.ROOT);
    return missing.isEmpty() ? word : word + "(" + String.join(",", missing) + ")";
  }
}
