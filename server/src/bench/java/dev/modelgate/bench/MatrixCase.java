package dev.modelgate.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The hot pairs on each JDK with each collector, in a process of its own with its own echo. */
final class MatrixCase implements Case {
  private static final List<Integer> JDKS = List.of(17, 25);
  private static final List<String> COLLECTORS = List.of("G1", "Z", "Serial");
  private static final int UNSAFE_WARNED_SINCE = 24;

  @Override
  public String name() {
    return "jdks";
  }

  @Override
  public String summary() {
    return "hot pairs on JDK 17 and 25 with G1, ZGC and Serial; 64 in flight";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    for (int jdk : JDKS) {
      Optional<Path> home = Jdks.find(jdk);
      for (String collector : COLLECTORS) {
        String name = "hot, JDK " + jdk + ", " + (collector.equals("Z") ? "ZGC" : collector);
        if (home.isEmpty()) {
          stage.add(Row.absent(name, "no JDK " + jdk + " (JAVA" + jdk + "_HOME names one)"));
        } else {
          run(stage, name, home.get(), flags(jdk, collector));
        }
      }
    }
  }

  private static List<String> flags(int jdk, String collector) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "-Xms512m",
                "-Xmx512m",
                "-XX:+Use" + collector + "GC",
                "--enable-native-access=ALL-UNNAMED"));
    if (jdk >= UNSAFE_WARNED_SINCE) {
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    return flags;
  }

  private static void run(Stage stage, String name, Path home, List<String> flags)
      throws IOException {
    try (ChildServer server = ChildServer.start(home, flags, stage.directory("jdk"))) {
      Subject check = server.subject(CallKinds.CHECK, Questions.HOT);
      Pairs pairs = stage.pairs(check.echo(), check, 64);
      stage.add(pairs.row(name, Figure.CPU, Target.NONE));
      stage.add(pairs.row(name, Figure.RATE, Target.NONE));
    }
  }
}
