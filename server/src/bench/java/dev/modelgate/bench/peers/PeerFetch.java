package dev.modelgate.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code src/bench/peers/fetch.sh}; what it brings stays for the next run. */
final class PeerFetch {
  /** A peer that takes longer is reported as absent. */
  private static final long MINUTES_MAX = 10;

  private static final Path SCRIPT = Path.of("server", "src", "bench", "peers", "fetch.sh");

  private PeerFetch() {}

  /** An executable that is there. */
  record Fetched(String version, Path executable) {}

  /**
   * Fetches or builds a peer.
   *
   * @param directory where it is put, kept between runs
   * @throws AbsentException when it cannot be had here, or not in ten minutes
   */
  static Fetched fetch(String name, Path directory)
      throws IOException, InterruptedException, AbsentException {
    Files.createDirectories(directory);
    Path log = directory.resolve(name + "-fetch.log");
    Path said = directory.resolve(name + "-fetch.out");
    Process script =
        new ProcessBuilder("bash", SCRIPT.toString(), name, directory.toString())
            .redirectError(log.toFile())
            .redirectOutput(said.toFile())
            .start();
    if (!script.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
      script.descendants().forEach(ProcessHandle::destroy);
      script.destroy();
      throw new AbsentException("not fetched or built in " + MINUTES_MAX + " minutes");
    }
    if (script.exitValue() != 0) {
      throw new AbsentException(lastLine(log));
    }
    String[] words = lastLine(said).split(" ", 2);
    return new Fetched(words[0], Path.of(words[1]));
  }

  private static String lastLine(Path file) throws IOException {
    List<String> lines =
        Files.readAllLines(file, StandardCharsets.UTF_8).stream()
            .filter(line -> !line.isBlank())
            .toList();
    return lines.isEmpty() ? "the script said nothing" : lines.get(lines.size() - 1).strip();
  }
}
