package dev.modelgate.main;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.modelgate.trail.Link;
import dev.modelgate.trail.TrailVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Checks the chain of an audit trail, without a sidecar. */
@Command(
    name = "verify",
    description = "Check that nothing is missing or altered in an audit trail.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Needs no running sidecar. Whoever can write the files can make another chain of them; he",
      "cannot make one that goes through an event that was noted elsewhere: --anchor.",
      "",
      "Exit code: 0 whole, 1 broken, 2 it cannot be read.",
      "",
      "Examples:",
      "  modelgate audit verify modelgate-data",
      "  modelgate audit verify audit.jsonl.gz --anchor 17:9f86d081..."
    })
final class AuditVerifyCommand implements Callable<Integer> {
  private static final int EXIT_BROKEN = 1;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR|FILE",
      defaultValue = "modelgate-data",
      description = "A data directory, or an exported file. Default: ./${DEFAULT-VALUE}.")
  private Path path = Path.of("modelgate-data");

  @Option(
      names = "--anchor",
      paramLabel = "N:HASH",
      converter = LinkConverter.class,
      description =
          "The number and hash of an event that the chain must have, or begin right after.")
  private @Nullable Link anchor;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    TrailVerifier.Report report;
    try {
      Optional<Link> known = Optional.ofNullable(anchor);
      report =
          Files.isDirectory(path)
              ? TrailVerifier.directory(trail(), known)
              : TrailVerifier.file(path, known);
    } catch (IOException e) {
      throw new IllegalArgumentException("`" + path + "` cannot be read: " + e, e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? json(report) : text(report));
    out.flush();
    return report.isWhole() ? 0 : EXIT_BROKEN;
  }

  private Path trail() {
    Path trail = path.resolve("audit");
    if (!Files.isDirectory(trail)) {
      throw new IllegalArgumentException("`" + path + "` is no data directory with an audit trail");
    }
    return trail;
  }

  private static String text(TrailVerifier.Report report) {
    StringBuilder text = new StringBuilder();
    report.breaks().forEach(found -> text.append("broken: ").append(found).append('\n'));
    return text.append(report.isWhole() ? "whole: " : "broken: ")
        .append(report.events())
        .append(" events")
        .append(report.events() == 0 ? "" : ", the last is " + report.last())
        .toString();
  }

  private static String json(TrailVerifier.Report report) {
    JsonArray breaks = new JsonArray();
    report.breaks().forEach(breaks::add);
    JsonObject json = new JsonObject();
    json.addProperty("whole", report.isWhole());
    json.addProperty("events", report.events());
    json.addProperty("first", report.first());
    json.addProperty("last", report.last().toString());
    json.add("breaks", breaks);
    return json.toString();
  }

  /** Reads {@code N:HASH}. */
  static final class LinkConverter implements ITypeConverter<Link> {
    @Override
    public Link convert(String text) {
      try {
        return Link.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
