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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
  void start_withASidecarInTheProcess_takesItsSettingsAlone() throws IOException {
    String up = "--upstream=127.0.0.1:8001";
    String data = "--data=" + directory.resolve("data");
    assertRefused("no sidecar with it", up, data, "--sidecar=unix:other.sock");
    assertRefused("no sidecar-socket-owner with it", up, data, "--sidecar-socket-owner=1");
    assertRefused("--sidecar-port: `7000` (expected: data with it)", up, "--sidecar-port=7000");
    assertRefused("--sidecar-miss-threads: `0`", up, data, "--sidecar-miss-threads=0");
    assertRefused("--sidecar-port: `x`", up, data, "--sidecar-port=x");
    assertRefused("--sidecar-listen: `0.0.0.0`", up, data, "--sidecar-listen=0.0.0.0");
    assertRefused("not the sidecar", "--upstream=127.0.0.1:7071", data);
    assertRefused("not the sidecar", "--upstream=127.0.0.1:9000", data, "--sidecar-port=9000");
    assertRefused(
        "not the sidecar", "--upstream=unix:" + directory.resolve("data/modelgate.sock"), data);
    assertRefused("heap: `1m`", up, data, "--heap=1m");
    assertTrue(Files.notExists(directory.resolve("data")));
  }

  @Test
  void start_withoutRoomForMessages_saysHowMuchIsNeeded() throws IOException {
    String up = "--upstream=127.0.0.1:8001";
    // Twice 1 TiB, and 128 MiB for everything else; a sidecar takes as much again.
    assertRefused(" set that to 2097280m,", up, "--held-bytes=1099511627776");
    assertRefused(
        " set that to 2097408m,",
        up,
        "--held-bytes=1099511627776",
        "--data=" + directory.resolve("data"));
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
    CommandRun own =
        CommandRun.withEnvironment(
            Map.of(
                "MODELGATE_UPSTREAM", "127.0.0.1:8001",
                "MODELGATE_DATA", directory.resolve("data").toString(),
                "MODELGATE_SIDECAR_PORT", "-1"),
            "gateway",
            "--config",
            rules(ProtectedBed.RULES).toString());
    assertTrue(own.err().contains("MODELGATE_SIDECAR_PORT: `-1`"), own.err());
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
        new GatewayCommand(new String[0], none, new StartFailures(none)).commandLine();
    Set<String> ofTheSidecar = new TreeSet<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      String name = option.longestName();
      boolean isOther = GatewayOptions.OF_ANOTHER_SIDECAR.contains(name.substring(2));
      if (name.startsWith("--" + SidecarSettings.PREFIX) && !isOther) {
        ofTheSidecar.add(name.replace(SidecarSettings.PREFIX, ""));
      } else if (!option.usageHelp() && !option.versionHelp()) {
        String value = option.defaultValue();
        boolean isSwitch = option.type().equals(boolean.class);
        actual.put(name, value == null ? isSwitch ? "false" : "" : value);
      }
    }
    assertEquals(actual, documented);
    Set<String> ofServe = new TreeSet<>();
    CommandLine serve =
        new CommandLine(new ServeCommand(new String[0], none, new StartFailures(none)));
    serve.getCommandSpec().options().forEach(option -> ofServe.add(option.longestName()));
    ofServe.removeAll(
        List.of("--data", "--drain-seconds", "--log-format", "--log-level", "--heap"));
    ofServe.removeAll(List.of("--config", "--help", "--version"));
    assertEquals(ofServe, ofTheSidecar);
  }
}
