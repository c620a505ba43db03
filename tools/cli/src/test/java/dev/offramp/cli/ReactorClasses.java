package dev.offramp.cli;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** All classes of this project's modules, wherever Maven put them: module path or class path. */
final class ReactorClasses {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> location.contains("/dev/offramp/"))
          .importLocations(locations());

  private ReactorClasses() {}

  static JavaClasses get() {
    return CLASSES;
  }

  private static List<Location> locations() {
    return Stream.of("java.class.path", "jdk.module.path")
        .map(property -> System.getProperty(property, ""))
        .flatMap(paths -> Stream.of(paths.split(File.pathSeparator, -1)))
        .filter(path -> !path.isEmpty())
        .map(Path::of)
        .filter(Files::exists)
        .map(ReactorClasses::location)
        .toList();
  }

  private static Location location(Path path) {
    try {
      return Files.isDirectory(path) ? Location.of(path) : Location.of(new JarFile(path.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
  }
}
