package dev.offramp.provider.chelsio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What docs/chelsio.md says comes of each fault: the first row that fits a place counts. */
final class FaultTable {
  private static final Path PAGE = Path.of("../../docs/chelsio.md");
  private static final String HEADING = "## What goes wrong";
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private final List<Row> rows;

  /**
   * One row.
   *
   * @param places names, with {@code *} for any characters
   * @param outcomes what may come of it
   */
  record Row(List<String> places, Set<String> outcomes) {
    boolean fits(String place) {
      return places.stream()
          .anyMatch(name ->
              Pattern.matches(
                  java.util.Arrays.stream(name.split("\\*", -1))
                      .map(Pattern::quote)
                      .collect(Collectors.joining(".*")),
                  place));
    }
  }

  private FaultTable(List<Row> rows) {
    this.rows = rows;
  }

  /** Reads the page. */
  static FaultTable read() throws IOException {
    List<Row> rows = new ArrayList<>();
    boolean in = false;
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("## ")) {
        in = line.startsWith(HEADING);
      } else if (in && line.startsWith("| `")) {
        String[] cells = line.split("\\|", -1);
        rows.add(new Row(names(cells[1]), Set.copyOf(names(cells[2]))));
      }
    }
    return new FaultTable(rows);
  }

  private static List<String> names(String cell) {
    Matcher matcher = NAME.matcher(cell);
    return matcher.results().map(result -> result.group(1)).toList();
  }

  List<Row> rows() {
    return rows;
  }

  /** The row for a place. */
  Row of(String place) {
    return rows.stream()
        .filter(row -> row.fits(place))
        .findFirst()
        .orElseThrow(() -> new AssertionError("docs/chelsio.md says nothing of [" + place + "]"));
  }
}
