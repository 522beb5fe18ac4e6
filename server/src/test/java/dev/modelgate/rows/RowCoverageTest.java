package dev.modelgate.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Every row of the first wave has a test that every build runs, in one of the packages whose tests
 * go through the gRPC surface; the build itself fails on a test that fails or is skipped. What is
 * looked at are the compiled tests and not a run, so that a run of one class says the same.
 */
final class RowCoverageTest {
  private static final Set<String> THROUGH_GRPC =
      Set.of("dev.modelgate.rows", "dev.modelgate.grpc", "dev.modelgate.main");
  private static final int ROWS = 132;

  private final Map<String, Set<String>> testsOf = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();

  @Test
  void everyRowOfTheFirstWave_hasATest() throws URISyntaxException {
    URI root = RowCoverageTest.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    look(
        ReflectionSupport.findAllClassesInClasspathRoot(
            root, type -> !type.equals(Carrier.class), name -> true));
    assertEquals(ROWS, RowReport.firstWave().size());
    assertEquals(RowReport.firstWave(), testsOf.keySet(), "the rows that tests carry");
    assertEquals(List.of(), faults);
  }

  /** The proof can fail: on a row without a test, and on tests that show none. */
  @Test
  void rowsOfTestsThatDoNotRun_areNotCounted() {
    look(List.of(Carrier.class));
    assertEquals(Map.of("F001", Set.of("Carrier.counts")), testsOf);
    assertEquals(
        new TreeSet<>(
            List.of(
                "Carrier.disabled: is disabled",
                "Carrier.helper: is no test",
                "Carrier.unknown: F999 is no row of the first wave",
                "Carrier: Surefire runs no class of this name")),
        new TreeSet<>(faults));
  }

  private void look(Collection<Class<?>> types) {
    for (Class<?> type : types) {
      List<Method> carriers =
          ReflectionSupport.findMethods(
              type,
              method -> method.isAnnotationPresent(Row.class),
              HierarchyTraversalMode.TOP_DOWN);
      if (!carriers.isEmpty()) {
        look(type, carriers);
      }
    }
  }

  private void look(Class<?> type, List<Method> carriers) {
    if (!type.getSimpleName().endsWith("Test")) {
      faults.add(type.getSimpleName() + ": Surefire runs no class of this name");
    }
    if (!THROUGH_GRPC.contains(type.getPackageName())) {
      faults.add(type.getSimpleName() + ": does not go through the gRPC surface");
    }
    for (Method method : carriers) {
      String test = type.getSimpleName() + "." + method.getName();
      if (!AnnotationSupport.isAnnotated(method, Testable.class)) {
        faults.add(test + ": is no test");
      } else if (AnnotationSupport.isAnnotated(method, Disabled.class)
          || AnnotationSupport.isAnnotated(type, Disabled.class)) {
        faults.add(test + ": is disabled");
      } else {
        count(test, AnnotationSupport.findAnnotation(method, Row.class).orElseThrow().value());
      }
    }
  }

  private void count(String test, String... rows) {
    for (String row : rows) {
      if (RowReport.firstWave().contains(row)) {
        testsOf.computeIfAbsent(row, any -> new TreeSet<>()).add(test);
      } else {
        faults.add(test + ": " + row + " is no row of the first wave");
      }
    }
  }

  /** Not found by anything that runs tests. */
  private static final class Carrier {
    @Test
    @Row("F001")
    void counts() {}

    @Test
    @Disabled("to be looked at")
    @Row("F002")
    void disabled() {}

    @Row("F003")
    @SuppressWarnings("unused") // Found by reflection alone.
    void helper() {}

    @Test
    @Row("F999")
    void unknown() {}
  }
}
