package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Where settings come from, which one counts, and what a wrong one is told. */
final class SettingsTest {
  @TempDir Path directory;

  private record Wrong(String setting, String value, String expected) {}

  @Test
  void flag_countsBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
    Path file = file("port: 1\nadmin-port: 1\nhttp-port: 1\n");
    ServeOptions options =
        parse(
            Map.of("MODELGATE_PORT", "2", "MODELGATE_ADMIN_PORT", "2"),
            "--config",
            file.toString(),
            "--port",
            "3");
    assertEquals(3, options.port);
    assertEquals(2, options.adminPort);
    assertEquals(1, options.httpPort);
    assertEquals(1_024, options.missQueue);
  }

  @Test
  void emptyVariable_countsAsNotSet() throws IOException {
    Path file = file("port: 1\n");
    ServeOptions options = parse(Map.of("MODELGATE_PORT", "", "MODELGATE_CONFIG", file.toString()));
    assertEquals(1, options.port);
  }

  @Test
  void switch_canBeSetAnywhereAndTurnedOffAgain() throws IOException {
    Path file = file("insecure-listen: true\n");
    assertTrue(parse(Map.of(), "--insecure-listen").insecureListen);
    assertTrue(parse(Map.of("MODELGATE_INSECURE_LISTEN", "true")).insecureListen);
    assertTrue(parse(Map.of(), "--config", file.toString()).insecureListen);
    assertTrue(parse(Map.of(), "--config=" + file, "--insecure-listen").insecureListen);
    assertFalse(parse(Map.of(), "--config=" + file, "--insecure-listen=false").insecureListen);
    assertFalse(parse(Map.of()).insecureListen);
  }

  @Test
  void variablesOfHelpAndVersion_areNoSettings() throws IOException {
    CommandRun run =
        CommandRun.withEnvironment(
            Map.of("MODELGATE_VERSION", "1.2", "MODELGATE_HELP", "x"),
            "serve",
            "--data",
            Files.writeString(directory.resolve("file"), "x").toString());
    run.assertRefused("is not a directory");
  }

  @TestFactory
  List<DynamicTest> value_thatDoesNotGo_isNamedWithItsPlaceWhereverItIsSet() {
    return List.of(
            new Wrong("port", "abc", "a whole number"),
            new Wrong("port", "99999999999", "a whole number up to 2147483647"),
            new Wrong("port", "-1", "0..65535"),
            new Wrong("socket-mode", "0777", "0600, 0660, 0666"),
            new Wrong("tls-cert", "a.pem", "tls-key with it"),
            new Wrong("tls-key", "a.pem", "tls-cert with it"),
            new Wrong("tls-client-ca", "a.pem", "tls-cert with it"),
            new Wrong("tls-client-auth", "want", "none, optional, require"),
            new Wrong("admin-tls-client-auth", "require", "none, for there is no tls-client-ca"),
            new Wrong("http-tls-client-auth", "optional", "none, for there is no tls-client-ca"),
            new Wrong("tls-reload-seconds", "0", "1..3600"),
            new Wrong("admin-port", "65536", "0..65535"),
            new Wrong("http-port", "1.5", "a whole number"),
            new Wrong("miss-threads", "0", "1..256"),
            new Wrong("miss-queue", "0", "1..1000000"),
            new Wrong("recheck-every", "-1", "0..2147483647"),
            new Wrong("restore-window-days", "3651", "0..3650"),
            new Wrong("drain-seconds", "3601", "0..3600"),
            new Wrong("cache-bytes", "32MiB", "a whole number"),
            new Wrong("cache-bytes", "1000000000000", "at most half of the heap"),
            new Wrong("block-cache-bytes", "1", "8388608..1099511627776"),
            new Wrong("insecure-listen", "maybe", "true or false"),
            new Wrong("listen", "10.0.0.1", "a loopback address"),
            new Wrong("admin-listen", "0.0.0.0", "a loopback address"),
            new Wrong("http-listen", "no such host!", "an address of this machine"),
            new Wrong("default-parent", "organizations/ACME/..", "the full name of a resource"),
            new Wrong("iam-organization", "acme/models", "the id of an organization"),
            new Wrong("log-format", "xml", "text, json"),
            new Wrong("log-level", "loud", "error, warn, info, debug, trace"),
            new Wrong("heap", "5x", "64m..1024g"),
            new Wrong("heap", "1m", "64m..1024g"),
            new Wrong("heap", "99999999g", "64m..1024g"))
        .stream()
        .flatMap(
            wrong ->
                List.of(
                    named(wrong, "flag", () -> assertFlag(wrong)),
                    named(wrong, "environment", () -> assertVariable(wrong)),
                    named(wrong, "file", () -> assertLine(wrong)))
                    .stream())
        .toList();
  }

  @Test
  void file_withUnknownKey_isRefusedWithTheLine() throws IOException {
    refused("# comment\nport: 1\nprot: 2\n", "c.yaml, line 3: unknown setting `prot`");
    refused("config: d.yaml\n", "c.yaml, line 1: unknown setting `config`");
    refused("help: true\n", "c.yaml, line 1: unknown setting `help`");
    refused("exit: true\n", "c.yaml, line 1: unknown setting `exit`");
  }

  @Test
  void file_withOneKeyTwice_isRefusedWithBothLines() throws IOException {
    refused("port: 1\ndata: x\nport: 2\n", "c.yaml, line 3: `port` is set already in line 1");
  }

  @Test
  void file_thatIsNoFlatMapping_isRefusedWithTheLine() throws IOException {
    refused("- port\n", "c.yaml: expected `setting: value`");
    refused("data: x\nport: [1]\n", "c.yaml, line 2: expected `setting: value`");
    refused("port:\n  number: 1\n", "c.yaml, line 1: expected `setting: value`");
    refused("data: x\nport:\n", "c.yaml, line 2: expected `setting: value`");
    refused("port: 1\n  data: x\n", "c.yaml, line 2: ");
    refused("port: 1\n---\nport: 2\n", "c.yaml, line 2: ");
    refused("port: \"1\n", "c.yaml, line ");
  }

  @Test
  void file_thatCannotBeRead_isRefused() throws IOException {
    CommandRun.of("serve", "--config", directory.resolve("none.yaml").toString())
        .assertRefused("none.yaml: there is no such file");
    CommandRun.withEnvironment(
            Map.of("MODELGATE_CONFIG", directory.resolve("none.yaml").toString()), "demo")
        .assertRefused("none.yaml: there is no such file");
    CommandRun.of("serve", "--config=" + directory).assertRefused(": is a directory");
    Path latin = directory.resolve("latin.yaml");
    Files.write(latin, "data: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    CommandRun.of("serve", "--config", latin.toString()).assertRefused("latin.yaml: is not UTF-8");
    Path large = Files.writeString(directory.resolve("large.yaml"), "#".repeat((1 << 20) + 1));
    CommandRun.of("serve", "--config", large.toString()).assertRefused("is larger than 1048576");
  }

  @Test
  void brokenFile_doesNotStopCommandsWithoutSettings() {
    CommandRun version =
        CommandRun.withEnvironment(Map.of("MODELGATE_CONFIG", "/none.yaml"), "version");
    assertEquals(0, version.code(), version.err());
  }

  @Test
  void flags_unknownRepeatedOrFromAnAtFile_areRefused() throws IOException {
    CommandRun.of("serve", "--prot", "1").assertRefused("Unknown options: '--prot'");
    CommandRun.of("serve", "--port", "1", "--port", "2")
        .assertRefused("should be specified only once");
    CommandRun.of("serve", "--port").assertRefused("Missing required parameter");
    Path args = Files.writeString(directory.resolve("args"), "--port 1");
    CommandRun.of("serve", "@" + args).assertRefused("Unmatched argument");
  }

  private void assertFlag(Wrong wrong) {
    CommandRun.of("serve", "--" + wrong.setting() + "=" + wrong.value())
        .assertRefused(
            "error: --"
                + wrong.setting()
                + ": `"
                + wrong.value()
                + "` (expected: "
                + wrong.expected());
  }

  private void assertVariable(Wrong wrong) {
    String name =
        "MODELGATE_" + wrong.setting().toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    CommandRun.withEnvironment(Map.of(name, wrong.value()), "serve")
        .assertRefused(
            "error: " + name + ": `" + wrong.value() + "` (expected: " + wrong.expected());
  }

  private void assertLine(Wrong wrong) throws IOException {
    Path file = file("# first\n" + wrong.setting() + ": '" + wrong.value() + "'\n");
    CommandRun.of("serve", "--config", file.toString())
        .assertRefused(
            "c.yaml, line 2: "
                + wrong.setting()
                + ": `"
                + wrong.value()
                + "` (expected: "
                + wrong.expected());
  }

  private static DynamicTest named(Wrong wrong, String place, Executable test) {
    return DynamicTest.dynamicTest(wrong.setting() + "=" + wrong.value() + " by " + place, test);
  }

  private void refused(String yaml, String expected) throws IOException {
    CommandRun.of("serve", "--config", file(yaml).toString()).assertRefused(expected);
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("c.yaml"), yaml);
  }

  /** The settings that a start with these would see. */
  private static ServeOptions parse(Map<String, String> environment, String... args)
      throws SettingException {
    SettingDefaults defaults = SettingDefaults.load(args, environment);
    ServeCommand serve = new ServeCommand(args, defaults, new StartFailures(defaults));
    new CommandLine(serve).setDefaultValueProvider(defaults).parseArgs(args);
    return serve.options;
  }
}
