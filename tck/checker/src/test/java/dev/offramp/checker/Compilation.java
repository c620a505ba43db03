package dev.offramp.checker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** One source, compiled with the checkers as a vendor's build compiles it. */
final class Compilation {
  private static final Pattern KEY = Pattern.compile("^\\[([a-z.]+)]");

  private final List<Diagnostic<? extends JavaFileObject>> diagnostics;

  private Compilation(List<Diagnostic<? extends JavaFileObject>> diagnostics) {
    this.diagnostics = diagnostics;
  }

  static Compilation of(String name, String source, Path out) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> collector = new DiagnosticCollector<>();
    try (StandardJavaFileManager files =
        compiler.getStandardFileManager(collector, Locale.ROOT, StandardCharsets.UTF_8)) {
      List<String> options =
          List.of(
              "-d",
              out.toString(),
              "-proc:only",
              "-AstubWarnIfNotFound",
              "-classpath",
              System.getProperty("java.class.path"),
              "-processor",
              OfframpChecker.class.getName());
      compiler
          .getTask(null, files, collector, options, null, List.of(new Source(name, source)))
          .call();
    }
    return new Compilation(collector.getDiagnostics());
  }

  /** As {@code line: key}, in order; what has no key is given whole. */
  List<String> errors() {
    List<String> errors = new ArrayList<>();
    for (Diagnostic<?> diagnostic : diagnostics) {
      if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
        String message = diagnostic.getMessage(Locale.ROOT);
        Matcher key = KEY.matcher(message);
        errors.add(diagnostic.getLineNumber() + ": " + (key.find() ? key.group(1) : message));
      }
    }
    return errors;
  }

  String messages() {
    StringBuilder all = new StringBuilder();
    diagnostics.forEach(d -> all.append(d).append('\n'));
    return all.toString();
  }

  static String resource(String name) {
    try (var in = Compilation.class.getResourceAsStream("/cases/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
