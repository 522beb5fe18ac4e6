package dev.modelgate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process with a server of the crowd without more grants than the hot ones, and its echo. */
final class ChildServer implements AutoCloseable {
  private final Process process;
  private final String target;
  private final String echoTarget;

  private ChildServer(Process process, String target, String echoTarget) {
    this.process = process;
    this.target = target;
    this.echoTarget = echoTarget;
  }

  /**
   * Serves the directory that is the only argument until its input ends; prints its target and that
   * of its echo.
   */
  public static void main(String[] args) throws IOException {
    try (BenchServer server = new BenchServer(Path.of(args[0]), new Crowd(0))) {
      Subject subject = server.subject(CallKinds.CHECK, Questions.HOT);
      System.out.println(subject.target() + ' ' + subject.echoTarget());
      while (System.in.read() >= 0) {
        // Nothing is said; its end is the end.
      }
    }
  }

  /** Starts one with a Java and its flags, and waits until it serves. */
  static ChildServer start(Path javaHome, List<String> flags, Path directory) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-classpath",
            System.getProperty("java.class.path"),
            ChildServer.class.getName(),
            directory.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (line == null) {
      throw new IllegalStateException("it did not start: " + command);
    }
    String[] targets = line.split(" ", 2);
    return new ChildServer(process, targets[0], targets[1]);
  }

  Subject subject(String calls, String questions) {
    return Subject.ofProcess(target, echoTarget, calls, questions, process.toHandle());
  }

  /** The resident memory of a process in bytes, as Linux counts it. */
  static long residentBytes(ProcessHandle process) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IllegalStateException("no VmRSS");
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    end(process);
  }

  /** Waits 30 s for the end of a process that was asked to end, then ends it. */
  static void end(Process process) {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
