package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds what every package of the client promises. */
final class ArchitectureTest {

  @Test
  void package_always_isNullMarked() {
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.modelgate.client")) {
      assertTrue(
          type.getPackage().isAnnotatedWith(NullMarked.class),
          () -> type.getPackageName() + ": no package-info.java annotated with @NullMarked");
    }
  }
}
