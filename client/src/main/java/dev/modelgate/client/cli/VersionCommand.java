package dev.modelgate.client.cli;

import com.google.protobuf.Struct;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** Prints the version of this program, which is that of the jar. */
@Command(
    name = "version",
    description = "Print the version of this program.",
    footer = {"", "Example:", "  modelgate version --output json"})
final class VersionCommand implements Callable<Integer>, IVersionProvider {
  @Mixin private CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    common.print(
        common.json()
            ? Json.pretty(Struct.newBuilder().putFields("version", Json.string(version())))
            : getVersion()[0]);
    return 0;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"modelgate " + version()};
  }

  /** From the manifest; classes outside a jar have none. */
  private static String version() {
    return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
        .orElse("0.0.0-development");
  }
}
