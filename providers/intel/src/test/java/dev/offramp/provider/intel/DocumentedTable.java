package dev.offramp.provider.intel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A table of docs/intel.md, so that the page says what the tests see. */
final class DocumentedTable {
  private DocumentedTable() {}

  /**
   * The rows below a head.
   *
   * @param head the first line of the table, as it stands there
   * @return the cells behind the first one, by the first one without backquotes, in their order
   */
  static Map<String, List<String>> below(String head) {
    Path page = Path.of(System.getProperty("vectors.base", ".")).resolve("docs/intel.md");
    Map<String, List<String>> rows = new LinkedHashMap<>();
    try (Stream<String> lines = Files.lines(page)) {
      lines
          .dropWhile(line -> !line.equals(head))
          .skip(2)
          .takeWhile(line -> line.startsWith("|"))
          .map(line -> Stream.of(line.substring(1).split("\\|")).map(String::strip).toList())
          .forEach(
              cells -> rows.put(cells.getFirst().replace("`", ""), cells.subList(1, cells.size())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (rows.isEmpty()) {
      throw new IllegalStateException("no table [" + head + "] in " + page.toAbsolutePath());
    }
    return rows;
  }
}
