package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** What a command of the jar did, run in this process. */
record CommandRun(int code, String out, String err) {

  static CommandRun of(String... args) {
    return withEnvironment(Map.of(), args);
  }

  static CommandRun withEnvironment(Map<String, String> environment, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(args, environment, new PrintWriter(out, true), new PrintWriter(err, true));
    return new CommandRun(code, out.toString(), err.toString());
  }

  /** Asserts that it is a failed start: nothing on standard output, one line on the other, 2. */
  void assertRefused(String expected) {
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("error: ") && err.contains(expected), err);
    assertEquals("", out);
    assertEquals(2, code);
  }
}
