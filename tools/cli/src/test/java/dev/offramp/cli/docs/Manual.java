package dev.offramp.cli.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The project's documentation, and the sources of the code in it. */
public final class Manual {
  private static final Path ROOT = root();
  private static final Path SOURCES = ROOT.resolve("tools/cli/src/test/java/dev/offramp/cli/docs");

  private Manual() {}

  /** The text of a page, by its path from the project's root. */
  public static String page(String path) throws IOException {
    return Files.readString(ROOT.resolve(path));
  }

  /** The java blocks of a page, each as its lines without indentation and blank lines. */
  static List<List<String>> javaBlocks(String path) throws IOException {
    List<List<String>> blocks = new ArrayList<>();
    List<String> block = null;
    for (String line : page(path).lines().toList()) {
      if (block == null && line.equals("```java")) {
        block = new ArrayList<>();
      } else if (block != null && line.equals("```")) {
        blocks.add(block);
        block = null;
      } else if (block != null && !line.isBlank()) {
        block.add(line.strip());
      }
    }
    return blocks;
  }

  /** The lines of a source beside this one, without indentation and blank lines. */
  static List<String> source(String name) throws IOException {
    return Files.readString(SOURCES.resolve(name))
        .lines()
        .filter(line -> !line.isBlank())
        .map(String::strip)
        .toList();
  }

  /** Maven runs tests in the module's directory; an IDE may run them in the root. */
  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("etc/find-jdk"))) {
      here = here.getParent();
      if (here == null) {
        throw new IllegalStateException("the project's root is not above the working directory");
      }
    }
    return here;
  }
}
