package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The command of the second process. */
final class RelaunchTest {

  @Test
  void flags_ofTheUser_areKeptAfterOurs() {
    List<String> command =
        Relaunch.command(
            "192m", List.of("-Da=x y", "-XX:MaxDirectMemorySize=64m", "-Xlog:gc"), Map.of());
    assertTrue(command.get(0).endsWith("java"), command.toString());
    assertTrue(
        command.indexOf("-XX:MaxDirectMemorySize=128m")
            < command.indexOf("-XX:MaxDirectMemorySize=64m"),
        command.toString());
    assertTrue(command.containsAll(List.of("-Da=x y", "-Xlog:gc", "-Xmx192m")), command.toString());
    assertTrue(command.contains("-XX:+UseSerialGC"));
  }

  @Test
  void collector_ofTheUser_replacesOurs() {
    List<String> command = Relaunch.command("192m", List.of("-XX:+UseParallelGC"), Map.of());
    assertFalse(command.contains("-XX:+UseSerialGC"), command.toString());
    assertTrue(command.contains("-XX:+UseParallelGC"), command.toString());
  }

  @Test
  void flags_ofTheEnvironment_areLeftToTheChildToRead() {
    List<String> command =
        Relaunch.command(
            "192m",
            List.of("-Dtool=1", "-Djdk=a b", "-Dtwice", "-Dtwice", "-XX:+UseG1GC"),
            Map.of(
                "JAVA_TOOL_OPTIONS",
                "-Dtool=1  -Dtwice",
                "JDK_JAVA_OPTIONS",
                "-Djdk='a b' -XX:+UseG1GC"));
    assertFalse(command.contains("-Dtool=1"), command.toString());
    assertFalse(command.contains("-Djdk=a b"), command.toString());
    assertFalse(command.contains("-XX:+UseSerialGC"), command.toString());
    assertEquals(1, command.stream().filter("-Dtwice"::equals).count(), command.toString());
  }

  @Test
  void flags_thatOpenAPort_areRefused() {
    for (String flag :
        List.of(
            "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
            "-Dcom.sun.management.jmxremote.port=9999")) {
      SettingException e =
          assertThrows(
              SettingException.class, () -> Relaunch.command("192m", List.of(flag), Map.of()));
      assertTrue(String.valueOf(e.getMessage()).contains(flag), e.getMessage());
    }
  }
}
