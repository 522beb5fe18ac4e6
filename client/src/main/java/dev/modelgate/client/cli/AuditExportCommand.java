package dev.modelgate.client.cli;

import com.google.protobuf.Struct;
import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import io.grpc.StatusException;
import java.io.IOException;
import java.io.Writer;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes the audit into a file, all of it that the filters admit. */
@Command(
    name = "export",
    description = "Export the audit of an organization as JSON lines, the oldest event first.",
    footer = {
      "",
      "The file appears when it is complete, and only its owner may read it. Export"
          + " organizations/system",
      "without filters for a file whose trail `modelgate audit verify` can check as a whole.",
      "",
      "Example:",
      "  modelgate audit export organizations/system audit.jsonl.gz"
    })
final class AuditExportCommand implements Callable<Integer> {
  private static final int PAGE_MAX = 1_000;

  @Mixin private AuditOptions audit = new AuditOptions();

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "Where to, compressed if the name ends in .gz; - is standard output.")
  private String file = "";

  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  AuditExportCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    try (AdminConnection connection = admin.connect(environment, common)) {
      long events = WholeFile.write(file, environment.out(), writer -> copy(connection, writer));
      if (!file.equals(WholeFile.STDOUT)) {
        common.print(
            common.json()
                ? Json.pretty(
                    Struct.newBuilder()
                        .putFields("file", Json.string(file))
                        .putFields("events", Json.string(Long.toString(events))))
                : "exported " + events + " events to " + file);
      }
      return 0;
    } catch (IOException e) {
      throw new CliException("cannot write `" + file + "`: " + e, e);
    }
  }

  private long copy(AdminConnection connection, Writer writer) throws IOException, StatusException {
    ListAuditEventsRequest.Builder request =
        audit.request(environment).setOldestFirst(true).setPageSize(PAGE_MAX);
    long events = 0;
    String token = "";
    do {
      ListAuditEventsResponse page =
          connection.within(common.timeout()).listAuditEvents(request.setPageToken(token).build());
      for (AuditEvent event : page.getEventsList()) {
        writer.write(Json.line(event));
        writer.write('\n');
      }
      events += page.getEventsCount();
      if (!page.getNextPageToken().isEmpty() && page.getNextPageToken().equals(token)) {
        throw new CliException("the server sent the same page token twice");
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return events;
  }
}
