package dev.modelgate;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.modelgate.app.MonotoneClock;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the direction of dependencies between the server's packages.
 *
 * <p>Each row of {@link #LAYERS} names a package and the packages of the project that it may see
 * besides its own and its subpackages; a package without a row fails. Empty packages are fine.
 */
final class ArchitectureTest {

  private record Layer(String name, Set<String> sees) {

    static Layer of(String name, String... sees) {
      return new Layer(name, Set.of(sees));
    }

    String root() {
      return "dev.modelgate." + name;
    }

    /** Whether the package is this layer's, and not that of a more specific row. */
    boolean owns(String packageName) {
      return within(packageName, root())
          && LAYERS.stream()
              .filter(other -> other.root().startsWith(root() + "."))
              .noneMatch(other -> within(packageName, other.root()));
    }
  }

  private static final List<Layer> LAYERS =
      List.of(
          Layer.of("model"),
          Layer.of("decision", "model"),
          Layer.of("store", "model"),
          Layer.of("store.rocksdb", "store", "model"),
          Layer.of("app", "decision", "store", "model"),
          Layer.of("cel", "app", "decision", "model"),
          Layer.of("proxy", "app", "client.protect", "client.identity", "model", "store"),
          Layer.of("grpc", "proxy", "app", "decision", "store", "model", "v1", "envoy"),
          Layer.of("identity", "app", "config", "store", "model", "client.identity"),
          Layer.of("metrics", "app", "decision", "store", "model"),
          Layer.of("trail", "app", "model"),
          Layer.of("decisionlog", "app", "model"),
          Layer.of("http", "proxy", "metrics", "app", "model"),
          Layer.of("gateway", "app", "client", "grpc"),
          Layer.of("tls", "client"),
          Layer.of("config", "app", "model"),
          Layer.of(
              "main",
              "model",
              "decision",
              "store",
              "store.rocksdb",
              "cel",
              "trail",
              "decisionlog",
              "identity",
              "app",
              "proxy",
              "grpc",
              "gateway",
              "metrics",
              "http",
              "tls",
              "config",
              "client"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(location -> location.contains("/server/target/classes/"))
          .importPackages("dev.modelgate");

  @TestFactory
  List<DynamicTest> layer_sees_onlyWhatItsRowNames() {
    return LAYERS.stream()
        .map(
            layer ->
                DynamicTest.dynamicTest(
                    layer.name(),
                    () ->
                        check(
                            classes()
                                .that(ownedBy(layer))
                                .should()
                                .onlyDependOnClassesThat(visibleTo(layer)))))
        .toList();
  }

  @Test
  void class_always_belongsToALayer() {
    check(
        noClasses()
            .should(
                be(
                    describe(
                        "outside every layer",
                        type ->
                            LAYERS.stream()
                                .noneMatch(layer -> layer.owns(type.getPackageName()))))));
  }

  @Test
  void packages_always_formNoCycle() {
    check(slices().matching("dev.modelgate.(**)").should().beFreeOfCycles());
  }

  @Test
  void generatedClasses_areSeenBy_grpcAlone() {
    check(
        noClasses()
            .that(not(resideInAPackage("dev.modelgate.grpc..")))
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.modelgate.v1..")));
  }

  @Test
  void rocksdb_isSeenBy_itsAdapterAlone() {
    check(
        noClasses()
            .that(not(resideInAPackage("dev.modelgate.store.rocksdb..")))
            .should()
            .dependOnClassesThat(resideInAPackage("org.rocksdb..")));
  }

  @Test
  void cel_isSeenBy_itsAdapterAlone() {
    check(
        noClasses()
            .that(not(resideInAPackage("dev.modelgate.cel..")))
            .should()
            .dependOnClassesThat(resideInAPackage("dev.cel..")));
  }

  @Test
  void nimbus_isSeenBy_theClientsIdentityAlone() {
    check(noClasses().should().dependOnClassesThat(resideInAPackage("com.nimbusds..")));
  }

  @Test
  void identity_seesNothing_ofGrpc() {
    check(
        noClasses()
            .that(resideInAPackage("dev.modelgate.identity.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.grpc..", "com.google.protobuf..")));
  }

  /** An iterator that stops may have met damage, and a multi-get shows damage as absence. */
  @Test
  void rocksdbIterators_areOwnedBy_theCursorAlone() {
    check(
        noClasses()
            .should()
            .callMethodWhere(
                describe(
                    "reads many rows of RocksDB",
                    call ->
                        call.getTarget().getOwner().getName().startsWith("org.rocksdb.")
                            && (call.getTarget().getName().startsWith("multiGet")
                                || call.getTarget().getName().startsWith("newIterator")
                                    && !call.getOriginOwner().getSimpleName().equals("RocksHandle")
                                || call.getTarget().getName().equals("isValid")
                                    && !call.getOriginOwner()
                                        .getSimpleName()
                                        .equals("RocksCursor")))));
  }

  /** Commands carry their time, so that what they come to does not turn on when that is asked. */
  @Test
  void pureCore_readsNo_clock() {
    check(
        noClasses()
            .that(
                resideInAnyPackage(
                    "dev.modelgate.decision..",
                    "dev.modelgate.model..",
                    "dev.modelgate.app.sharing.."))
            .should()
            .callMethodWhere(describe("reads the clock", call -> readsClock(call.getTarget())))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(MonotoneClock.class));
  }

  @Test
  void pureCore_does_noInputOutputLoggingOrLocking() {
    check(
        noClasses()
            .that(resideInAnyPackage("dev.modelgate.decision..", "dev.modelgate.model.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(
                    "java.net..",
                    "java.nio.channels..",
                    "java.nio.file..",
                    "java.util.concurrent..",
                    "org.slf4j..",
                    "io.grpc..",
                    "com.github.benmanes.caffeine..")));
  }

  @Test
  void package_always_isNullMarked() {
    for (JavaClass type : CLASSES) {
      assertTrue(
          type.getPackage().isAnnotatedWith(NullMarked.class),
          () -> type.getPackageName() + ": no package-info.java annotated with @NullMarked");
    }
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> ownedBy(Layer layer) {
    return describe("are in " + layer.name(), type -> layer.owns(type.getPackageName()));
  }

  private static DescribedPredicate<JavaClass> visibleTo(Layer layer) {
    return describe(
        "are visible to " + layer.name(),
        type -> {
          String packageName = type.getPackageName();
          return !within(packageName, "dev.modelgate")
              || layer.owns(packageName)
              || layer.sees().stream().anyMatch(name -> ownsAny(name, packageName));
        });
  }

  /** Packages of other modules have no row; for them the prefix decides. */
  private static boolean ownsAny(String name, String packageName) {
    return LAYERS.stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .map(layer -> layer.owns(packageName))
        .orElseGet(() -> within(packageName, "dev.modelgate." + name));
  }

  private static boolean within(String packageName, String root) {
    return packageName.equals(root) || packageName.startsWith(root + ".");
  }

  private static boolean readsClock(AccessTarget.MethodCallTarget target) {
    String owner = target.getOwner().getName();
    return (owner.startsWith("java.time.") && target.getName().equals("now"))
        || (owner.equals("java.lang.System")
            && Set.of("currentTimeMillis", "nanoTime").contains(target.getName()));
  }
}
