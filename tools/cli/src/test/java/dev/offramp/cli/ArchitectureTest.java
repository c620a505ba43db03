package dev.offramp.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who may use whom, over all modules: what module-info cannot say, and what it could forget. The
 * command line sees every module, so the rules live here. A rule about a package without classes
 * fails, by ArchUnit's default.
 */
final class ArchitectureTest {
  private static final String API = "dev.offramp.api..";
  private static final String SPI = "dev.offramp.spi..";
  private static final String IWARP = "dev.offramp.iwarp..";
  private static final String LINUX = "dev.offramp.linux..";
  private static final String RUNTIME = "dev.offramp.runtime..";
  private static final String SOFTIWARP = "dev.offramp.provider.softiwarp..";
  private static final String CHELSIO = "dev.offramp.provider.chelsio..";
  private static final String INTEL = "dev.offramp.provider.intel..";
  private static final String PROVIDERS = "dev.offramp.provider..";
  private static final String MODELS = "dev.offramp.models..";
  private static final String TCK = "dev.offramp.tck..";
  private static final String EMULATOR = "dev.offramp.emulator..";
  private static final String CLI = "dev.offramp.cli..";
  private static final String CONFORMANCE = "dev.offramp.conformance..";
  private static final String GUICE = "com.google.inject..";

  private static final List<String> ALL =
      List.of(
          API,
          SPI,
          IWARP,
          LINUX,
          RUNTIME,
          SOFTIWARP,
          CHELSIO,
          INTEL,
          MODELS,
          TCK,
          EMULATOR,
          CLI,
          CONFORMANCE);

  /** The part of java.lang.foreign that reaches native code; memory segments are for everyone. */
  private static final Set<String> NATIVE_ACCESS =
      Set.of(
          "java.lang.foreign.Linker",
          "java.lang.foreign.SymbolLookup",
          "java.lang.foreign.FunctionDescriptor");

  /** A row of the table in the design: who, and which of our modules besides itself it may use. */
  static Stream<Arguments> table() {
    return Stream.of(
        Arguments.of(API, List.of()),
        Arguments.of(SPI, List.of(API)),
        Arguments.of(IWARP, List.of(API)),
        Arguments.of(LINUX, List.of(API, SPI)),
        Arguments.of(RUNTIME, List.of(API, SPI, IWARP, LINUX)),
        Arguments.of(SOFTIWARP, List.of(API, SPI, IWARP)),
        Arguments.of(CHELSIO, List.of(API, SPI)),
        Arguments.of(INTEL, List.of(API, SPI)),
        Arguments.of(MODELS, List.of(API, SPI, IWARP)),
        Arguments.of(TCK, List.of(API, SPI, IWARP, MODELS)),
        Arguments.of(EMULATOR, List.of(API, SPI, IWARP, LINUX, RUNTIME, MODELS)),
        Arguments.of(CLI, List.of(API, SPI, IWARP, LINUX, RUNTIME, MODELS, TCK, EMULATOR)),
        Arguments.of(CONFORMANCE, List.of()));
  }

  @Test
  void everyModuleIsSeen() {
    for (String module : ALL) {
      assertThat(ReactorClasses.get().stream().filter(type -> isIn(type, module)))
          .as(module)
          .isNotEmpty();
    }
  }

  @ParameterizedTest(name = "{0} uses {1}")
  @MethodSource("table")
  void modulesUseOnlyWhatTheTableAllows(String module, List<String> allowed) {
    String[] forbidden =
        ALL.stream()
            .filter(other -> !other.equals(module) && !allowed.contains(other))
            .toArray(String[]::new);
    check(
        noClasses()
            .that()
            .resideInAPackage(module)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(forbidden));
  }

  @Test
  void onlyLinuxReachesNativeCode() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(LINUX)
            .should()
            .dependOnClassesThat(named(NATIVE_ACCESS)));
  }

  /** Shows that the names above are those that matter. */
  @Test
  void linuxDoesReachNativeCode() {
    assertThat(
            ReactorClasses.get().stream()
                .filter(type -> isIn(type, LINUX))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getName()))
        .containsAll(NATIVE_ACCESS);
  }

  @Test
  void nobodyDeclaresNativeMethodsOrLoadsLibraries() {
    check(
        noClasses()
            .should()
            .callMethod(System.class, "load", String.class)
            .orShould()
            .callMethod(System.class, "loadLibrary", String.class)
            .orShould()
            .callMethod(Runtime.class, "load", String.class)
            .orShould()
            .callMethod(Runtime.class, "loadLibrary", String.class));
    check(noMethods().should().haveModifier(JavaModifier.NATIVE));
  }

  @Test
  void iwarpIsSansIo() {
    check(
        noClasses()
            .that()
            .resideInAPackage(IWARP)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.nio.channels..",
                "java.nio.file..",
                "java.util.concurrent",
                "java.util.logging..")
            .orShould()
            .dependOnClassesThat(
                named(
                    Set.of(
                        "java.lang.Thread",
                        "java.lang.System$Logger",
                        "java.time.Clock",
                        "java.time.Instant",
                        "java.net.Socket",
                        "java.net.ServerSocket",
                        "java.net.DatagramSocket",
                        "java.io.File")))
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Object.class, "wait")
            .orShould()
            .callMethod(System.class, "getLogger", String.class));
  }

  @Test
  void onlyTheRuntimeIsWiredByGuice() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(RUNTIME, PROVIDERS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(GUICE));
    assertThat(
            ReactorClasses.get().stream()
                .filter(type -> isIn(type, RUNTIME))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getPackageName()))
        .contains("com.google.inject");
  }

  /** A driver works on the loops and by the clock that it is handed. */
  @Test
  void driversMakeNoThreadsSocketsOrFiles() {
    check(
        noClasses()
            .that()
            .resideInAPackage(PROVIDERS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.channels..", "java.nio.file..")
            .orShould()
            .callConstructor(Thread.class)
            .orShould()
            .callMethod(Thread.class, "ofVirtual")
            .orShould()
            .callMethod(Thread.class, "ofPlatform")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis"));
  }

  @Test
  void namesOfClassesStandInTheirModule() {
    check(
        classes()
            .should()
            .resideInAnyPackage(ALL.toArray(String[]::new))
            .because("a package of two modules is no module's"));
  }

  private static void check(ArchRule rule) {
    rule.check(ReactorClasses.get());
  }

  private static boolean isIn(JavaClass type, String module) {
    String root = module.substring(0, module.length() - 2);
    return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
  }

  private static DescribedPredicate<JavaClass> named(Set<String> names) {
    return DescribedPredicate.describe(
        "are one of " + names, type -> names.contains(type.getName()));
  }
}
