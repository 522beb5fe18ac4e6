package dev.modelgate.decision;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The oracle is worth something only as long as it is plain and shares nothing. */
final class ReferenceEvaluatorTest {
  private static final int LINES_MAX = 310;
  private static final Path SOURCE =
      Path.of("src/main/java/dev/modelgate/decision/ReferenceEvaluator.java");
  private static final Set<Class<?>> KNOWN =
      Set.of(
          ReferenceEvaluator.class,
          ReferenceWorld.class,
          Verdict.class,
          Conditions.class,
          Reason.class);

  @Test
  void reference_seesOnlyItsWorldAndTheModel() {
    classes()
        .that(
            describe("are the reference", type -> isOneOf(type, Set.of(ReferenceEvaluator.class))))
        .should()
        .onlyDependOnClassesThat(
            describe(
                "are known to the reference",
                type ->
                    isOneOf(type, KNOWN)
                        || type.getBaseComponentType()
                            .getPackageName()
                            .startsWith("dev.modelgate.model")
                        || !type.getPackageName().startsWith("dev.modelgate")))
        .check(new ClassFileImporter().importPackages("dev.modelgate.decision"));
  }

  /** Lines of code: comments, blank lines and imports apart. */
  @Test
  void reference_staysShort() throws IOException {
    long lines =
        Files.readAllLines(SOURCE).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.matches("(/\\*|\\*|//|import |package ).*"))
            .count();
    assertTrue(lines < LINES_MAX, () -> lines + " lines (expected: below " + LINES_MAX + ")");
  }

  private static boolean isOneOf(JavaClass type, Set<Class<?>> wanted) {
    String name = type.getBaseComponentType().getName();
    return wanted.stream()
        .anyMatch(c -> name.equals(c.getName()) || name.startsWith(c.getName() + "$"));
  }
}
