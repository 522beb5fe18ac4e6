package dev.modelgate.main;

import dev.modelgate.config.SettingException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Gives the sidecar a heap that is right next to a prediction server. {@code java -jar} takes a
 * quarter of the machine, and a jar cannot say otherwise; so the command starts itself once more
 * with a bounded heap, unless the user chose one with {@code -Xmx} or {@code -XX:MaxRAM...}.
 *
 * <pre>
 *   parent ---- standard input (a pipe, nothing is ever written) ----&gt; child
 *      | SIGTERM, SIGINT, SIGHUP: SIGTERM to the child                  | end of the pipe: stops
 *      +&lt;--- exit code, output and errors are the parent's own --------+
 * </pre>
 *
 * The pipe ends with the parent however it dies, {@code kill -9} included. The child gets the
 * parent's JVM flags; those of {@code JAVA_TOOL_OPTIONS} and the like it reads itself.
 */
final class Relaunch {
  private static final String DIRECT_MEMORY = "128m";
  private static final String CHILD = "modelgate.relaunched";
  private static final long STOP_SECONDS_MAX = 60;
  private static final List<String> HEAP_FLAGS = List.of("-Xmx", "-XX:MaxHeapSize", "-XX:MaxRAM");

  /** Flags that listen on a port, which two processes cannot do. */
  private static final List<String> PORT_FLAGS =
      List.of("-agentlib:jdwp", "-Xrunjdwp", "-Dcom.sun.management.jmxremote.port");

  private static final List<String> FLAG_VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** Netty and protobuf use it on purpose; a warning on each start would bury what matters. */
  private static final int UNSAFE_WARNED_SINCE = 24;

  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w*GC");
  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

  private Relaunch() {}

  /** Whether this process has a heap that nobody chose. */
  static boolean isNeeded() {
    return !isChild()
        && jar().isPresent()
        && flags().stream().noneMatch(flag -> startsWithAny(flag, HEAP_FLAGS));
  }

  /** Whether this process is one that {@link #run} started. */
  static boolean isChild() {
    return Boolean.getBoolean(CHILD);
  }

  /**
   * Runs the command in a child with that heap and waits for it.
   *
   * @return the child's exit code
   * @throws SettingException when a JVM flag cannot hold for two processes
   */
  static int run(String heap, String[] args) throws IOException, InterruptedException {
    return run(heap, DIRECT_MEMORY, args);
  }

  /**
   * The same with other buffers of the network.
   *
   * @param direct the most memory that they take, as for {@code -XX:MaxDirectMemorySize}
   */
  static int run(String heap, String direct, String[] args)
      throws IOException, InterruptedException {
    List<String> command = command(heap, direct, flags(), System.getenv());
    command.addAll(List.of("-jar", jar().orElseThrow().toString()));
    command.addAll(List.of(args));
    Process child =
        new ProcessBuilder(command)
            .redirectInput(Redirect.PIPE)
            .redirectOutput(Redirect.INHERIT)
            .redirectError(Redirect.INHERIT)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(child), "modelgate-stop"));
    return child.waitFor();
  }

  /**
   * The Java command up to its flags. Ours come first, for Java believes the last one.
   *
   * @param flags of this process, those of the environment included
   */
  static List<String> command(String heap, List<String> flags, Map<String, String> environment) {
    return command(heap, DIRECT_MEMORY, flags, environment);
  }

  private static List<String> command(
      String heap, String direct, List<String> flags, Map<String, String> environment) {
    for (String flag : flags) {
      if (startsWithAny(flag, PORT_FLAGS)) {
        throw new SettingException(
            "Java's flag "
                + flag
                + " opens a port, and serve starts a second process; choose the heap with -Xmx, then there is one");
      }
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (flags.stream().noneMatch(flag -> COLLECTOR.matcher(flag).matches())) {
      command.add("-XX:+UseSerialGC");
    }
    command.add("-XX:MaxDirectMemorySize=" + direct);
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("--enable-native-access=ALL-UNNAMED");
    if (Runtime.version().feature() >= UNSAFE_WARNED_SINCE) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(ofCommandLine(flags, environment));
    command.add("-Xmx" + heap);
    command.add("-D" + CHILD + "=true");
    return command;
  }

  /** In a child: stops this process when the parent is gone. */
  static void endWithParent() {
    Thread watch = new Thread(Relaunch::awaitEndOfParent, "modelgate-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void awaitEndOfParent() {
    try {
      while (System.in.read() >= 0) {
        // Nobody writes.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Thread exit = new Thread(() -> System.exit(1), "modelgate-exit");
    exit.setDaemon(true);
    exit.start();
    try {
      exit.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }

  /** In the parent, as a shutdown hook: passes the signal on, and the exit code back. */
  private static void stop(Process child) {
    // By its handle: Process.destroy would close the pipe too, and say the same thing twice.
    child.toHandle().destroy();
    try {
      Runtime.getRuntime().halt(child.waitFor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Without those that came from the environment, which the child has too. */
  private static List<String> ofCommandLine(List<String> flags, Map<String, String> environment) {
    List<String> left = new ArrayList<>(flags);
    for (String variable : FLAG_VARIABLES) {
      WORD.matcher(environment.getOrDefault(variable, ""))
          .results()
          .map(MatchResult::group)
          .map(word -> word.replaceAll("['\"]", ""))
          .forEach(left::remove);
    }
    return left;
  }

  private static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  private static boolean startsWithAny(String flag, List<String> prefixes) {
    return prefixes.stream().anyMatch(flag::startsWith);
  }

  private static Optional<Path> jar() {
    String classPath = System.getProperty("java.class.path", "");
    return classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))
        ? Optional.of(Path.of(classPath))
        : Optional.empty();
  }
}
