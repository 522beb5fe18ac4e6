package dev.modelgate.client.cli;

import dev.modelgate.client.internal.RpcError;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportResponse;
import io.grpc.StatusException;
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
      "Not atomic, but a record that is already true changes nothing, so a broken import may be",
      "repeated; --skip-records spares what it applied.",
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

  ImportCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    if (skipRecords < 0) {
      throw new CliException("--skip-records: `" + skipRecords + "` (expected: 0 or more)");
    }
    try (AdminConnection connection = admin.connect(environment, common)) {
      ImportResponse response =
          mutation.run(
              environment,
              common.timeout(),
              (requestId, baseRevision) -> attempt(connection, requestId, baseRevision));
      common.print(common.json() ? Json.pretty(response) : toText(response));
      return 0;
    } catch (StatusException e) {
      String applied = RpcError.of(e).metadata().get("applied_records");
      if (applied != null && !common.json()) {
        common.err().println("go on with --skip-records " + applied);
      }
      throw e;
    }
  }

  private ImportResponse attempt(AdminConnection connection, String requestId, String baseRevision)
      throws StatusException, InterruptedException {
    ImportUpload upload = new ImportUpload(connection.unbounded(), common.timeout());
    try (RecordReader reader = RecordReader.open(file, environment.in())) {
      ImportHeader.Builder header = reader.header().toBuilder();
      if (header.getRequestId().isEmpty()) {
        header.setRequestId(requestId);
      }
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
