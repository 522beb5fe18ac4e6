package dev.modelgate.client.cli;

import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.ChangeEvent;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the audit, page after page, up to a limit. */
@Command(
    name = "list",
    description = "List who changed what in an organization, when and why, and who tried to.",
    footer = {
      "",
      "With --output json one event per line, as they arrive; nothing else is on standard output.",
      "",
      "Examples:",
      "  modelgate audit list organizations/acme --from 24h --kind grant,membership",
      "  modelgate audit list organizations/acme --actor user:ana@acme.com --oldest-first"
          + " --output json"
    })
final class AuditListCommand implements Callable<Integer> {
  @Mixin private AuditOptions audit = new AuditOptions();

  @Option(names = "--oldest-first", description = "The oldest first. Default: the newest first.")
  private boolean oldestFirst;

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  AuditListCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ListAuditEventsRequest.Builder request = audit.request(environment).setOldestFirst(oldestFirst);
    TextTable table =
        new TextTable(List.of("TIME", "ACTOR", "FOR", "KINDS", "WHAT", "ABOUT", "REASON"));
    String next;
    try (AdminConnection connection = admin.connect(environment, common)) {
      next =
          list.walk(
              common,
              (size, token) -> {
                ListAuditEventsResponse page =
                    connection
                        .within(common.timeout())
                        .listAuditEvents(request.setPageSize(size).setPageToken(token).build());
                for (AuditEvent event : page.getEventsList()) {
                  if (common.json()) {
                    common.print(Json.line(event));
                  } else {
                    table.add(row(event));
                  }
                }
                return new ListOptions.Page(page.getEventsCount(), page.getNextPageToken());
              });
    }
    if (!common.json()) {
      common.print(table.toString());
    }
    list.reportMore(common, "events", next);
    return 0;
  }

  private static List<String> row(AuditEvent event) {
    ChangeEvent heading = event.getEvent();
    return List.of(
        heading.hasAt() ? ListOptions.time(heading.getAt()) : "",
        heading.getActor(),
        heading.getOnBehalfOf(),
        event.getKindsList().stream().map(AuditOptions::text).collect(Collectors.joining(",")),
        event.hasTrail() ? event.getTrail().getWhat() : changes(event.getChangeCount()),
        about(event),
        heading.getReason());
  }

  private static String changes(int count) {
    return count == 1 ? "1 change" : count + " changes";
  }

  /** What it is about, in as many words as a line has room for. */
  private static String about(AuditEvent event) {
    int shown = 3;
    List<String> names =
        Stream.concat(event.getResourcesList().stream(), event.getPrincipalsList().stream())
            .toList();
    String text = names.stream().limit(shown).collect(Collectors.joining(" "));
    return names.size() > shown ? text + " and " + (names.size() - shown) + " more" : text;
  }
}
