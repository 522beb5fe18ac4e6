package dev.modelgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The JDKs of this machine: by {@code JAVA<feature>_HOME}, this process's own, and what lies in the
 * usual directories.
 */
final class Jdks {
  private static final List<Path> DIRECTORIES =
      List.of(
          Path.of("/usr/lib/jvm"),
          Path.of("/opt"),
          Path.of("/opt/java"),
          Path.of(System.getProperty("user.home"), ".sdkman", "candidates", "java"),
          Path.of(System.getProperty("user.home"), ".jdks"));

  private Jdks() {}

  /** The home of a JDK of that feature release. */
  static Optional<Path> find(int feature) throws IOException {
    List<Path> candidates = new ArrayList<>();
    String named = System.getenv("JAVA" + feature + "_HOME");
    if (named != null) {
      candidates.add(Path.of(named));
    }
    candidates.add(Path.of(System.getProperty("java.home")));
    for (Path directory : DIRECTORIES) {
      if (Files.isDirectory(directory)) {
        try (Stream<Path> homes = Files.list(directory)) {
          homes.sorted().forEach(candidates::add);
        }
      }
    }
    for (Path home : candidates) {
      if (Files.isExecutable(home.resolve("bin/java")) && feature(home) == feature) {
        return Optional.of(home);
      }
    }
    return Optional.empty();
  }

  /** From the file that every JDK has; 0 if this one says nothing. */
  private static int feature(Path home) throws IOException {
    Path release = home.resolve("release");
    if (!Files.isReadable(release)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(release)) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION=\""))
          .map(line -> line.replaceAll("JAVA_VERSION=\"(\\d+).*", "$1"))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    }
  }
}
