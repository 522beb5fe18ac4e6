package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.Test;

/**
 * Three times more misses than a real server does, by one caller: those that it accepts are
 * answered within three times their time at ease, the rest is refused early; another caller's hits
 * and an administrator do not notice. The server has one core and the load the other, where {@code
 * taskset} and two cores are; a round on a machine that is too busy to tell, by what it measures at
 * ease, is played again, {@value #ROUNDS} times at most.
 */
final class OverloadIT {
  private static final int ROUNDS = 3;
  private static final double TIMES = 3;

  /** At ease the slowest of a hundred may take so much longer than the usual one. */
  private static final double NOISE_MAX = 2;

  /** Below this a wait is one of a thread for its core, not for others' questions. */
  private static final double FLOOR_MS = 25;

  private record Measured(
      double missAtEase50,
      double missAtEase99,
      double accepted99,
      int accepted,
      int refused,
      int other,
      double hitAtEase99,
      double hit99,
      int hits,
      double adminAtEase95,
      double admin95,
      int administered) {
    boolean isNoisy() {
      return missAtEase99 > NOISE_MAX * missAtEase50 || hitAtEase99 > FLOOR_MS;
    }
  }

  @Test
  void misses_threeTimesWhatTheServerDoes_areShedSoThatNobodyWaits() throws Exception {
    for (int round = 1; round <= ROUNDS; round++) {
      Measured measured = measure();
      System.out.println("overload, round " + round + ": " + measured);
      assertEquals(0, measured.other(), "what is refused is refused as an overload");
      assertTrue(measured.accepted() > 0 && measured.refused() > measured.accepted());
      boolean holds =
          measured.accepted99() <= TIMES * measured.missAtEase99()
              && measured.hit99() <= Math.max(TIMES * measured.hitAtEase99(), FLOOR_MS)
              && measured.admin95() <= Math.max(TIMES * measured.adminAtEase95(), FLOOR_MS);
      if (holds) {
        return;
      }
      if (!measured.isNoisy() && round == ROUNDS) {
        throw new AssertionError(measured.toString());
      }
    }
    System.out.println("overload: the machine is too busy to tell");
  }

  private static Measured measure() throws IOException, InterruptedException {
    Process server = start(0, OverloadedServer.class);
    try (BufferedReader said = server.inputReader(StandardCharsets.UTF_8)) {
      Process load = start(1, OverloadLoad.class, line(said, "ports ").split(" ", -1));
      try (BufferedReader measured = load.inputReader(StandardCharsets.UTF_8)) {
        return read(line(measured, "missAtEase "));
      } finally {
        load.destroyForcibly();
      }
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private static Measured read(String line) {
    List<Double> numbers = new ArrayList<>();
    try (Scanner words = new Scanner(line)) {
      while (words.hasNext()) {
        String word = words.next();
        if (!Character.isLetter(word.charAt(0))) {
          numbers.add(Double.valueOf(word));
        }
      }
    }
    return new Measured(
        numbers.get(0),
        numbers.get(1),
        numbers.get(2),
        numbers.get(3).intValue(),
        numbers.get(4).intValue(),
        numbers.get(5).intValue(),
        numbers.get(7),
        numbers.get(8),
        numbers.get(9).intValue(),
        numbers.get(10),
        numbers.get(11),
        numbers.get(12).intValue());
  }

  private static String line(BufferedReader said, String beginning) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length());
      }
      all.append(line).append('\n');
    }
    throw new AssertionError("it ended without a word: " + all);
  }

  private static Process start(int core, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    boolean bound =
        Files.isExecutable(Path.of("/usr/bin/taskset"))
            && Runtime.getRuntime().availableProcessors() > 1;
    if (bound) {
      command.addAll(List.of("/usr/bin/taskset", "-c", Integer.toString(core)));
    } else {
      System.out.println("overload: not bound to a core");
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
