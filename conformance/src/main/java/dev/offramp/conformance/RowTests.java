package dev.offramp.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds {@link Rows} in compiled tests, without loading them: a module's tests need not be on
 * anybody's class path. A class whose source is gone is left out, for builds leave such files
 * behind.
 */
final class RowTests {
  private static final String ROWS = "Ldev/offramp/conformance/Rows;";
  private static final String DISABLED = "Lorg/junit/jupiter/api/Disabled;";

  /** EnabledIf and its like: what runs only sometimes proves nothing. */
  private static final String CONDITIONS = "Lorg/junit/jupiter/api/condition/";

  private static final Set<String> TESTS =
      Set.of(
          "Lorg/junit/jupiter/api/Test;",
          "Lorg/junit/jupiter/api/RepeatedTest;",
          "Lorg/junit/jupiter/api/TestFactory;",
          "Lorg/junit/jupiter/params/ParameterizedTest;",
          "Lcom/code_intelligence/jazzer/junit/FuzzTest;");

  private RowTests() {}

  /**
   * The tests of some modules.
   *
   * @param root the project's directory
   * @param modules the modules' directories
   * @throws IllegalStateException when a module's tests are not compiled
   */
  static List<RowTest> find(Path root, List<String> modules) throws IOException {
    List<RowTest> found = new ArrayList<>();
    for (String module : modules) {
      Path classes = root.resolve(module).resolve("target/test-classes");
      if (!Files.isDirectory(classes)) {
        throw new IllegalStateException(
            "the tests of [" + module + "] are not compiled; build with '-am'");
      }
      try (Stream<Path> files = Files.walk(classes)) {
        files
            .filter(file -> file.toString().endsWith(".class"))
            .sorted()
            .forEach(file -> addTests(root, module, classes, file, found));
      }
    }
    return found;
  }

  private static void addTests(
      Path root, String module, Path classes, Path file, List<RowTest> found) {
    String binaryName = classes.relativize(file).toString().replaceFirst("\\.class$", "");
    String source = module + "/src/test/java/" + binaryName.replaceFirst("\\$.*", "") + ".java";
    if (!Files.exists(root.resolve(source))) {
      return;
    }
    ClassModel model;
    try {
      model = ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
    String simpleName = binaryName.substring(binaryName.lastIndexOf('/') + 1).replace('$', '.');
    boolean disabled = annotations(model).stream().anyMatch(RowTests::stops);
    for (MethodModel method : model.methods()) {
      List<Annotation> annotations = annotations(method);
      List<Integer> rows = rows(annotations);
      if (!rows.isEmpty()) {
        boolean runs =
            !disabled
                && annotations.stream().noneMatch(RowTests::stops)
                && annotations.stream().anyMatch(a -> TESTS.contains(a.className().stringValue()));
        String name = method.methodName().stringValue();
        found.add(new RowTest(module, source, simpleName, name, rows, runs));
      }
    }
  }

  private static List<Annotation> annotations(AttributedElement element) {
    List<Annotation> all = new ArrayList<>();
    element
        .findAttribute(Attributes.runtimeVisibleAnnotations())
        .ifPresent(attribute -> all.addAll(attribute.annotations()));
    element
        .findAttribute(Attributes.runtimeInvisibleAnnotations())
        .ifPresent(attribute -> all.addAll(attribute.annotations()));
    return all;
  }

  private static boolean stops(Annotation annotation) {
    return is(annotation, DISABLED) || annotation.className().stringValue().startsWith(CONDITIONS);
  }

  private static boolean is(Annotation annotation, String descriptor) {
    return annotation.className().equalsString(descriptor);
  }

  private static List<Integer> rows(List<Annotation> annotations) {
    List<Integer> rows = new ArrayList<>();
    for (Annotation annotation : annotations) {
      if (is(annotation, ROWS)) {
        for (AnnotationElement element : annotation.elements()) {
          AnnotationValue.OfArray values = (AnnotationValue.OfArray) element.value();
          values.values().forEach(value -> rows.add(((AnnotationValue.OfInt) value).intValue()));
        }
      }
    }
    return rows;
  }
}
