package dev.modelgate.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The stored corpus, each input once; then Jazzer for {@code -Dmodelgate.fuzz.seconds}, 20 by
 * default, from that corpus on. What it finds is an input in {@code target/fuzz}: with its defect
 * mended it goes into the corpus.
 */
final class FuzzTest {
  private static final Path CORPUS = Path.of("src", "test", "fuzz", "corpus");
  private static final Path FOUND = Path.of("target", "fuzz");
  private static final int SECONDS = Integer.getInteger("modelgate.fuzz.seconds", 20);
  private static final int START_SECONDS_MAX = 120;

  @TestFactory
  Stream<DynamicTest> corpus_everyInput_keepsTheInvariants() throws IOException {
    List<Path> inputs = inputs();
    assertTrue(inputs.size() >= EveryTarget.count(), "a corpus");
    return inputs.stream()
        .map(
            input ->
                DynamicTest.dynamicTest(
                    input.getFileName().toString(),
                    () -> EveryTarget.fuzzerTestOneInput(Files.readAllBytes(input))));
  }

  @Test
  void fuzzing_forAWhile_breaksNothing() throws Exception {
    Path grown = Files.createDirectories(FOUND.resolve("corpus"));
    Path output = FOUND.resolve("output.txt");
    Process jazzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // Half of a short run would go into the better one.
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + EveryTarget.class.getName(),
                "--instrumentation_includes=dev.modelgate.**",
                "--instrumentation_excludes=dev.modelgate.v1.**",
                "--custom_hook_includes=dev.modelgate.**",
                "--custom_hook_excludes=dev.modelgate.v1.**",
                "--disabled_hooks=**", // They look for SQL and the like, of which there is none.
                "--reproducer_path=" + FOUND,
                "-artifact_prefix=" + FOUND + "/",
                "-max_total_time=" + SECONDS,
                "-timeout=20",
                "-rss_limit_mb=2048",
                grown.toString(),
                CORPUS.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(jazzer.waitFor(START_SECONDS_MAX + SECONDS, TimeUnit.SECONDS), "it does not end");
    } finally {
      jazzer.destroyForcibly();
    }
    String said = Files.readString(output);
    assertEquals(0, jazzer.exitValue(), said.substring(Math.max(0, said.length() - 6_000)));
    assertTrue(said.contains("Done "), said);
  }

  private static List<Path> inputs() throws IOException {
    try (Stream<Path> files = Files.list(CORPUS)) {
      return files.sorted().toList();
    }
  }
}
