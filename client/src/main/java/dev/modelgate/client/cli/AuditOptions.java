package dev.modelgate.client.cli;

import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.ListAuditEventsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Which events of the audit are asked for; what is given holds together. */
final class AuditOptions {
  private static final String KIND_PREFIX = "KIND_";

  @Parameters(
      index = "0",
      paramLabel = "ORGANIZATION",
      description = "organizations/ID; for the system administrator organizations/system, too.")
  private String organization = "";

  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "Only about this resource and those below it.")
  private String resource = "";

  @Option(
      names = "--principal",
      paramLabel = "PRINCIPAL",
      description = "Only what names this principal.")
  private String principal = "";

  @Option(
      names = "--actor",
      paramLabel = "ACTOR",
      description =
          "Only what this actor did, or what was done for him: user:ana@acme.com, or"
              + " systemAdministrator.")
  private String actor = "";

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      split = ",",
      converter = KindConverter.class,
      description = "Only of this kind, such as grant or suspension; may be repeated.")
  private List<AuditEvent.Kind> kinds = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = PointInTime.PastConverter.class,
      description = "From then on: such as 2026-12-31T00:00:00Z, or 24h for a day ago.")
  private @Nullable PointInTime from;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = PointInTime.PastConverter.class,
      description = "Before then, in the same forms.")
  private @Nullable PointInTime until;

  /** The request without its page. */
  ListAuditEventsRequest.Builder request(Environment environment) {
    ListAuditEventsRequest.Builder request =
        ListAuditEventsRequest.newBuilder()
            .setOrganization(organization)
            .setResource(resource)
            .setPrincipal(principal)
            .setActor(actor)
            .addAllKinds(kinds);
    if (from != null) {
      request.setFromTime(from.at(environment.clock()));
    }
    if (until != null) {
      request.setUntilTime(until.at(environment.clock()));
    }
    return request;
  }

  /** As options and tables write it. */
  static String text(AuditEvent.Kind kind) {
    return kind.name().substring(KIND_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Reads a kind by the contract's name without its prefix: {@code deny-rule}. */
  static final class KindConverter implements ITypeConverter<AuditEvent.Kind> {
    @Override
    public AuditEvent.Kind convert(String text) {
      return known()
          .filter(kind -> text(kind).equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      known()
                          .map(AuditOptions::text)
                          .collect(Collectors.joining(", ", "`" + text + "` (expected: ", ")"))));
    }

    private static Stream<AuditEvent.Kind> known() {
      return Stream.of(AuditEvent.Kind.values())
          .filter(
              kind ->
                  kind != AuditEvent.Kind.KIND_UNSPECIFIED && kind != AuditEvent.Kind.UNRECOGNIZED);
    }
  }
}
