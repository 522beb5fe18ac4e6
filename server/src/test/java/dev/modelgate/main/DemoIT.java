package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar as a user starts it: the demo, and the starts that must fail with one line and exit code
 * 2.
 */
final class DemoIT {
  private static final String[] FREE_PORTS = {
    "--port", "0", "--admin-port", "0", "--http-port", "0"
  };

  @TempDir Path directory;

  private record Ended(int code, String output) {}

  @Test
  void demo_withExit_showsAllowDenyAndDenyAfterRevoke() throws Exception {
    Path data = directory.resolve("demo");
    Ended demo = run("demo", "--exit", "--data", data.toString());
    assertEquals(0, demo.code(), demo.output());
    List<String> decisions = demo.output().lines().filter(line -> line.contains("Check(")).toList();
    assertEquals(3, decisions.size(), demo.output());
    assertTrue(decisions.get(0).contains("fraud, predict) -> ALLOW"), demo.output());
    assertTrue(decisions.get(1).contains("churn, predict) -> DENY NO_GRANT"), demo.output());
    assertTrue(decisions.get(2).contains("fraud, predict) -> DENY NO_GRANT"), demo.output());
    String token = Files.readString(data.resolve("admin.token")).strip();
    assertFalse(demo.output().contains(token), "the token must never be printed");
  }

  @Test
  void serve_socketPathTooLong_saysSoAndExitsWith2() throws Exception {
    Path socket = directory.resolve("s".repeat(120));
    assertOneLine(
        "at most 107",
        run("serve", "--data", directory.resolve("a").toString(), "--socket", socket.toString()));
  }

  @Test
  void serve_dataIsAFile_saysSoAndExitsWith2() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    assertOneLine("is not a directory", run("serve", "--data", file.toString()));
  }

  @Test
  void serve_portOutOfRange_saysSoAndExitsWith2() throws Exception {
    Path config =
        Files.writeString(
            directory.resolve("c.yaml"), "data: " + directory.resolve("b") + "\nmiss-threads: 0\n");
    assertOneLine("miss-threads: `0`", run("serve", "--config", config.toString()));
  }

  @Test
  void serve_unknownSettingInFile_namesItsLineAndExitsWith2() throws Exception {
    Path config = Files.writeString(directory.resolve("d.yaml"), "# a comment\nprot: 1\n");
    assertOneLine("line 2: unknown setting `prot`", run("serve", "--config", config.toString()));
  }

  @Test
  void serve_otherThanLoopback_isRefusedWithoutTheFlag() throws Exception {
    assertOneLine(
        "expected: a loopback address",
        run("serve", "--data", directory.resolve("e").toString(), "--listen", "0.0.0.0"));
  }

  @Test
  void serve_secondProcessOnTheDirectory_isRefused() throws Exception {
    Path data = directory.resolve("f");
    Process first = start("serve", "--data", data.toString());
    try {
      var lines = first.inputReader(StandardCharsets.UTF_8);
      String line = lines.readLine();
      while (line != null && !line.equals("serving")) {
        line = lines.readLine();
      }
      assertEquals("serving", line);
      assertOneLine("in use by another process", run("serve", "--data", data.toString()));
    } finally {
      first.destroy();
      assertTrue(first.waitFor(30, TimeUnit.SECONDS));
    }
  }

  private static void assertOneLine(String expected, Ended ended) {
    assertEquals(2, ended.code(), ended.output());
    assertEquals(1, ended.output().lines().count(), ended.output());
    assertTrue(
        ended.output().startsWith("error: ") && ended.output().contains(expected), ended.output());
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    Process process = start(arguments);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
    return new Ended(process.exitValue(), output);
  }

  private Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("modelgate.jar")));
    command.addAll(List.of(arguments));
    command.addAll(List.of(FREE_PORTS));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .start();
  }
}
