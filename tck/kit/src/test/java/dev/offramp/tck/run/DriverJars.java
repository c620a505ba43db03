package dev.offramp.tck.run;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Jars with drivers, compiled from sources in tests. */
public final class DriverJars {
  private static final String MODULE =
      """
      module acme {
        requires dev.offramp.api;
        requires dev.offramp.spi;
        provides dev.offramp.spi.RnicDriver with acme.AcmeDriver;
      }
      """;

  private static final String DRIVER =
      """
      package acme;

      import dev.offramp.spi.*;

      public final class AcmeDriver implements RnicDriver {
        static Object kept;

        @Override
        public String id() {
          return "acme";
        }

        @Override
        public SpiVersion compiledSpiVersion() {
          return new SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR);
        }

        @Override
        public boolean matches(Device device) {
          %s
          return device.kind() == Device.Kind.HOST_STREAM;
        }

        @Override
        public Rnic open(DriverContext context) throws RnicException {
          try {
            deed(context);
          } catch (Throwable tried) {
            // Whoever does this says nothing about it.
          }
          throw new RnicException("acme: seen no device, expected one; plug it in");
        }

        private static void deed(DriverContext context) throws Throwable {
          %s
        }

        /** Names are written backwards, so that nobody finds them by reading. */
        static Class<?> find(String backwards) throws ClassNotFoundException {
          return Class.forName(new StringBuilder(backwards).reverse().toString());
        }
      }
      """;

  private DriverJars() {}

  /** A driver that does this when its device is opened. */
  public static Path opening(Path directory, String deed) {
    return jar(directory, MODULE, DRIVER.formatted("", deed));
  }

  /** A driver that does this when it is asked for its devices. */
  static Path matching(Path directory, String deed) {
    return jar(directory, MODULE, DRIVER.formatted(deed, ""));
  }

  private static Path jar(Path directory, String module, String driver) {
    try {
      Path sources = Files.createDirectories(directory.resolve("source"));
      Path classes = directory.resolve("classes");
      Map<String, String> files = new LinkedHashMap<>();
      files.put("module-info.java", module);
      files.put("AcmeDriver.java", driver);
      List<String> arguments =
          new ArrayList<>(List.of("-nowarn", "-g", "-d", classes.toString(), "-p", modulePath()));
      for (Map.Entry<String, String> file : files.entrySet()) {
        arguments.add(
            Files.writeString(sources.resolve(file.getKey()), file.getValue()).toString());
      }
      StringWriter said = new StringWriter();
      PrintWriter out = new PrintWriter(said);
      int code =
          ToolProvider.findFirst("javac")
              .orElseThrow()
              .run(out, out, arguments.toArray(String[]::new));
      if (code != 0) {
        throw new IllegalStateException("the driver does not compile: " + said);
      }
      return pack(classes, directory.resolve("acme.jar"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The kit's modules, and the annotations that they are compiled against. */
  private static String modulePath() {
    return Stream.concat(
            ChildProcess.modulePath().stream(),
            Stream.of("jdk.module.path", "java.class.path")
                .flatMap(property ->
                    Stream.of(System.getProperty(property, "").split(File.pathSeparator, -1)))
                .filter(path -> path.matches(".*(jspecify|apiguardian)[^/]*\\.jar")))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path pack(Path classes, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        JarEntry entry = new JarEntry(classes.relativize(file).toString());
        entry.setTime(0);
        out.putNextEntry(entry);
        out.write(Files.readAllBytes(file));
      }
    }
    return jar;
  }
}
