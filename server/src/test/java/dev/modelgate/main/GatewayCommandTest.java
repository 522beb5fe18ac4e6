package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What {@code modelgate gateway} is told and what it says. */
final class GatewayCommandTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(--[a-z-]+)` \\| (?:`([^`]*)`)? ?\\| .+ \\|$");

  @TempDir Path directory;

  private Path rules(String text) throws IOException {
    return Files.writeString(directory.resolve("protect.yaml"), text);
  }

  private void assertRefused(String expected, String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("gateway"));
    args.addAll(List.of("--config", rules(ProtectedBed.RULES).toString()));
    args.addAll(List.of(more));
    CommandRun run = CommandRun.of(args.toArray(String[]::new));
    assertEquals(2, run.code(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(expected), run.err());
  }

  @Test
  void start_withSettingsThatDoNotGo_saysWhichInOneLine() throws IOException {
    String up = "--upstream=127.0.0.1:8001";
    assertRefused("--upstream: `nowhere` (expected: HOST:PORT or unix:PATH", "--upstream=nowhere");
    assertRefused("upstream: `` (expected: HOST:PORT or unix:PATH");
    assertRefused("loopback unless there is upstream-tls-ca", "--upstream=192.0.2.1:8001");
    assertRefused("--upstream: `unix:`", "--upstream=unix:");
    assertRefused("--sidecar: `192.0.2.1:7070`", up, "--sidecar=192.0.2.1:7070");
    assertRefused("--listen: `0.0.0.0` (expected: a loopback address", up, "--listen=0.0.0.0");
    assertRefused("--tls-cert", up, "--tls-cert=/none.pem");
    assertRefused("--port: `x`", up, "--port=x");
    assertRefused("--calls: `0` (expected: 1..1000000)", up, "--calls=0");
    assertRefused("--held-bytes: `1000`", up, "--held-bytes=1000");
    assertRefused("--window-bytes: `1`", up, "--window-bytes=1");
    assertRefused("--strip-headers", up, "--strip-headers=a b");
    assertRefused("--upstream-tls-cert", up, "--upstream-tls-cert=x");
    assertRefused("upstream-tls-ca", up, "--upstream-tls-server-name=x");
    assertRefused("not the sidecar", "--upstream=127.0.0.1:7070", "--sidecar=127.0.0.1:7070");
  }

  @Test
  void settings_inTheEnvironment_count() throws IOException {
    CommandRun run =
        CommandRun.withEnvironment(
            Map.of("MODELGATE_UPSTREAM", "nowhere"),
            "gateway",
            "--config",
            rules(ProtectedBed.RULES).toString());
    assertEquals(2, run.code());
    assertTrue(run.err().contains("MODELGATE_UPSTREAM: `nowhere`"), run.err());
  }

  @Test
  void settings_ofThePage_areThoseOfTheCommandWithTheirDefaults() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(Path.of("..", "docs", "gateway.md")));
    while (row.find()) {
      documented.put(row.group(1), row.group(2) == null ? "" : row.group(2));
    }
    Map<String, String> actual = new TreeMap<>();
    SettingDefaults none = SettingDefaults.none();
    CommandLine command =
        new CommandLine(new GatewayCommand(new String[0], none, new StartFailures(none)));
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        String value = option.defaultValue();
        boolean isSwitch = option.type().equals(boolean.class);
        actual.put(option.longestName(), value == null ? isSwitch ? "false" : "" : value);
      }
    }
    assertEquals(actual, documented);
  }
}
