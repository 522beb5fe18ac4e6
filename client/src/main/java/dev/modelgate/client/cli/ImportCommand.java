package dev.modelgate.client.cli;

import dev.modelgate.client.internal.RpcError;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportResponse;
import io.grpc.StatusException;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends a file of records to an organization. */
@Command(
    name = "import",
    description = "Import JSON lines: a header, then one record per line.",
    footer = {
      "",
      "An organization that the header creates is there at the end, all at once. Into one that is",
      "there already it is not atomic, but a record that is already true changes nothing, so a",
      "broken import may be repeated. One that lost its connection is, once, if it comes from a",
      "file; after that the error says with which --request-id to go on, or after a wrong record",
      "--skip-records.",
      "",
      "Examples:",
      "  modelgate import acme.jsonl.gz",
      "  generate | modelgate import -"
    })
final class ImportCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "JSON lines, compressed if the name ends in .gz; - is standard input.")
  private String file = "";

  @Option(
      names = "--skip-records",
      paramLabel = "COUNT",
      defaultValue = "0",
      description = "Skip so many records, those that a broken import applied. Default: 0.")
  private long skipRecords;

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;
  private String usedId = "";

  ImportCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    if (skipRecords < 0) {
      throw new CliException("--skip-records: `" + skipRecords + "` (expected: 0 or more)");
    }
    String id = mutation.requestId().orElseGet(() -> UUID.randomUUID().toString());
    try (AdminConnection connection = admin.connect(environment, common)) {
      MutationOptions.Attempt<ImportResponse> attempt =
          (requestId, baseRevision) -> attempt(connection, requestId, baseRevision);
      // Standard input is gone after the first attempt.
      ImportResponse response =
          file.equals("-")
              ? attempt.run(id, "")
              : MutationOptions.run(id, environment, common.timeout(), attempt);
      common.print(common.json() ? Json.pretty(response) : toText(response));
      return 0;
    } catch (StatusException e) {
      throw placed(e);
    }
  }

  private ImportResponse attempt(AdminConnection connection, String requestId, String baseRevision)
      throws StatusException, InterruptedException {
    ImportUpload upload = new ImportUpload(connection.unbounded(), common.timeout());
    try (RecordReader reader = RecordReader.open(file, environment.in())) {
      ImportHeader.Builder header = reader.header().toBuilder();
      if (mutation.requestId().isPresent() || header.getRequestId().isEmpty()) {
        header.setRequestId(requestId);
      }
      usedId = header.getRequestId();
      if (!mutation.reason().isEmpty()) {
        header.setReason(mutation.reason());
      }
      if (skipRecords > 0) {
        header.setSkipRecords(skipRecords);
      }
      header.setBaseRevision(baseRevision);
      ProgressBar progress = ProgressBar.of("import", environment, common.err());
      return upload.send(header.build(), reader, progress);
    }
  }

  /** Names the line that the server refused, and how the import goes on. */
  private PlacedException placed(StatusException failure) {
    RpcError error = RpcError.of(failure);
    String line = error.metadata().getOrDefault("line", "");
    String place = line.isEmpty() ? "" : "`" + file + "` line " + line + ": ";
    return new PlacedException(failure, place, hint(error));
  }

  private String hint(RpcError error) {
    boolean brokenOff =
        switch (error.code()) {
          case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, UNKNOWN, INTERNAL -> true;
          default -> false;
        };
    if (brokenOff) {
      return "the same input with --request-id " + usedId + " goes on where this ended";
    }
    String applied = error.metadata().getOrDefault("applied_records", "0");
    return applied.equals("0") ? "" : "mend it and go on with --skip-records " + applied;
  }

  private static String toText(ImportResponse response) {
    return "imported "
        + response.getAppliedRecords()
        + " records ("
        + response.getCounts().getPrincipals()
        + " principals, "
        + response.getCounts().getMemberships()
        + " memberships, "
        + response.getCounts().getResources()
        + " resources, "
        + response.getCounts().getGrants()
        + " grants, "
        + response.getCounts().getSuspensions()
        + " suspensions), skipped "
        + response.getSkippedRecords()
        + ", at revision "
        + response.getRevision();
  }
}
