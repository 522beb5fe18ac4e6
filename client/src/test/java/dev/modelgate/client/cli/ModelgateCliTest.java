package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command as a whole. */
final class ModelgateCliTest {

  @Test
  void version_always_isPrinted() {
    try (CliBed bed = new CliBed(Path.of("."))) {
      for (String command : List.of("version", "--version")) {
        Run run = bed.run(command);
        assertEquals(0, run.exitCode());
        assertTrue(run.out().matches("modelgate \\d+\\.\\d+\\.\\d+\\S*\\R"), run.out());
      }
      Run run = bed.run("version", "--output", "json");
      assertTrue(run.out().matches("\\{\\R  \"version\": \"\\d+\\S+\"\\R}\\R"), run.out());
    }
  }

  @Test
  void help_ofEachCommand_hasAnExample() {
    CommandLine top = ModelgateCli.newCommandLine();
    assertTrue(top.getSubcommands().size() > 18, "few commands");
    top.getSubcommands().values().forEach(ModelgateCliTest::assertExample);
  }

  /** A group shows its commands, and each of them an example; below preview as without it. */
  private static void assertExample(CommandLine command) {
    String name = command.getCommandSpec().qualifiedName().replace(" preview ", " ");
    if (command.getSubcommands().isEmpty()) {
      assertTrue(command.getUsageMessage().contains("  " + name), name);
    }
    command.getSubcommands().values().forEach(ModelgateCliTest::assertExample);
  }

  @Test
  void moreSubcommands_throwing_exitTwo() {
    StringWriter err = new StringWriter();
    int exitCode =
        ModelgateCli.newCommandLine(new Failing()).setErr(new PrintWriter(err)).execute("fail");
    assertEquals(2, exitCode);
    assertEquals("error: IllegalStateException: broken" + System.lineSeparator(), err.toString());
  }

  @Command(name = "fail")
  private static final class Failing implements Runnable {
    @Override
    public void run() {
      throw new IllegalStateException("broken");
    }
  }
}
