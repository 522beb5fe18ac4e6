package dev.modelgate.client.cli;

import com.google.protobuf.Struct;
import dev.modelgate.v1.ExportHeader;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import dev.modelgate.v1.ImportRecord;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.Writer;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes everything in an organization into a file that import reads. */
@Command(
    name = "export",
    description = "Export an organization as JSON lines: a header, then one record per line.",
    footer = {
      "",
      "The file appears when it is complete, and only its owner may read it.",
      "",
      "Example:",
      "  modelgate export --organization organizations/acme acme.jsonl.gz"
    })
final class ExportCommand implements Callable<Integer> {
  @Option(
      names = "--organization",
      required = true,
      paramLabel = "NAME",
      description = "organizations/ID.")
  private String organization = "";

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "Where to, compressed if the name ends in .gz; - is standard output.")
  private String file = "";

  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ExportCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    try (AdminConnection connection = admin.connect(environment, common)) {
      long records = WholeFile.write(file, environment.out(), writer -> copy(connection, writer));
      if (file.equals(WholeFile.STDOUT)) {
        return 0;
      }
      common.print(
          common.json()
              ? Json.pretty(
                  Struct.newBuilder()
                      .putFields("file", Json.string(file))
                      .putFields("records", Json.string(Long.toString(records))))
              : "exported " + records + " records to " + file);
      return 0;
    } catch (IOException e) {
      throw new CliException("cannot write `" + file + "`: " + e, e);
    }
  }

  /** Copies message by message: the next is asked for only when this one is written. */
  private long copy(AdminConnection connection, Writer writer)
      throws IOException, StatusException, InterruptedException {
    BlockingClientCall<?, ExportResponse> call =
        connection
            .unbounded()
            .export(ExportRequest.newBuilder().setOrganization(organization).build());
    ProgressBar progress = ProgressBar.of("export", environment, common.err());
    long records = 0;
    boolean done = false;
    try {
      ExportHeader header = header(read(call));
      writeLine(writer, Json.line(header));
      for (ExportResponse part = read(call); part != null; part = read(call)) {
        for (ImportRecord item : part.getRecords().getRecordsList()) {
          writeLine(writer, Json.line(item));
          records++;
        }
        progress.update(records, records, header.getEstimatedRecords());
      }
      done = true;
      return records;
    } finally {
      progress.end();
      if (!done) {
        call.cancel("the export failed", null);
      }
    }
  }

  private static ExportHeader header(@Nullable ExportResponse first) {
    if (first == null || !first.hasHeader()) {
      throw new CliException("the server sent no header");
    }
    return first.getHeader();
  }

  private @Nullable ExportResponse read(BlockingClientCall<?, ExportResponse> call)
      throws StatusException, InterruptedException {
    try {
      return call.read(common.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw ImportUpload.silence(common.timeout(), e);
    }
  }

  private static void writeLine(Writer writer, String line) throws IOException {
    writer.write(line);
    writer.write('\n');
  }
}
