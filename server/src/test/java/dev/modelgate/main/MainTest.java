package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.netty.shaded.io.netty.util.ResourceLeakDetector;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** What the process is told before it does anything. */
final class MainTest {
  @Test
  void leaks_areSearchedForOnlyWhereItWasSaid() {
    Properties silent = new Properties();
    Main.searchForNoLeaks(silent);
    assertEquals("disabled", silent.getProperty(Main.LEAKS));

    Properties said = new Properties();
    said.setProperty(Main.LEAKS, "paranoid");
    Main.searchForNoLeaks(said);
    assertEquals("paranoid", said.getProperty(Main.LEAKS));
  }

  /** Classes of their own, for Netty reads the property once. */
  @Test
  void leaks_areSearchedForByThePropertyThatNettyReads() throws Exception {
    Class<?> detector = ResourceLeakDetector.class;
    URL jar = detector.getProtectionDomain().getCodeSource().getLocation();
    System.setProperty(Main.LEAKS, "advanced");
    try (URLClassLoader own =
        new URLClassLoader(new URL[] {jar}, ClassLoader.getPlatformClassLoader())) {
      Class<?> afresh = Class.forName(detector.getName(), true, own);
      assertEquals("ADVANCED", afresh.getMethod("getLevel").invoke(null).toString());
    } finally {
      System.clearProperty(Main.LEAKS);
    }
  }
}
