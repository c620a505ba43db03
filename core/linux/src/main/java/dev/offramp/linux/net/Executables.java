package dev.offramp.linux.net;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Finds programs, also where an ordinary user's PATH does not look: Debian keeps tc in /usr/sbin.
 */
final class Executables {
  private static final List<String> USUAL =
      List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin");

  private Executables() {}

  static Path find(String name) throws CommandException {
    return find(name, Objects.requireNonNullElse(System.getenv("PATH"), ""), USUAL);
  }

  static Path find(String name, String searchPath, List<String> usual) throws CommandException {
    Set<String> folders = new LinkedHashSet<>(List.of(searchPath.split(File.pathSeparator)));
    folders.addAll(usual);
    for (String folder : folders) {
      if (!folder.isEmpty()) {
        Path candidate = Path.of(folder, name);
        if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
          return candidate;
        }
      }
    }
    throw new CommandException(
        CommandException.Kind.NOT_FOUND,
        List.of(name),
        -1,
        "searched " + String.join(":", folders),
        Remedies.forMissing(name));
  }
}
