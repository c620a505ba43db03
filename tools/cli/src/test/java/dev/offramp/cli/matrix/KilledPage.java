package dev.offramp.cli.matrix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The table in docs/faults-killed.md. */
final class KilledPage {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", "."), "..", "..", "docs", "faults-killed.md");
  private static final String BEGIN = "<!-- killed: begin -->\n";
  private static final String END = "<!-- killed: end -->";
  private static final String HEAD =
      "| from, to | traffic | the peer hears | journal | killed |\n|---|---|---|---|---|\n";

  /** Pair and traffic, then moment; then how the peer hears, and the journal's last word. */
  private final SequencedMap<String, SequencedMap<String, Cell>> rows;

  private record Cell(String end, String phase) {}

  private KilledPage(SequencedMap<String, SequencedMap<String, Cell>> rows) {
    this.rows = rows;
  }

  /** What is in the docs. */
  static KilledPage read() throws IOException {
    KilledPage page = new KilledPage(new LinkedHashMap<>());
    String text = Files.readString(PAGE);
    for (String line : text.substring(text.indexOf(BEGIN), text.indexOf(END)).split("\n", -1)) {
      String[] cells = line.split(" *\\| *", -1);
      if (cells.length == 7 && cells[1].contains(" to ")) {
        for (String moment : cells[5].split(", ", -1)) {
          page.add(cells[1] + " | " + cells[2], moment, new Cell(cells[3], cells[4]));
        }
      }
    }
    return page;
  }

  private void add(String pair, String moment, Cell cell) {
    rows.computeIfAbsent(pair, any -> new LinkedHashMap<>()).put(moment, cell);
  }

  private static String pair(KilledOutcome outcome) {
    return outcome.pair() + " | " + outcome.traffic();
  }

  /** A page of what was seen. */
  static KilledPage of(List<KilledOutcome> seen) {
    KilledPage page = new KilledPage(new LinkedHashMap<>());
    for (KilledOutcome each : seen) {
      page.add(pair(each), KilledOutcome.words(each.moment()), new Cell(each.end(), each.phase()));
    }
    return page;
  }

  int cases() {
    return rows.values().stream().mapToInt(Map::size).sum();
  }

  /** What was seen and is not in the table. */
  List<String> differences(List<KilledOutcome> seen) {
    List<String> differences = new ArrayList<>();
    for (KilledOutcome each : seen) {
      Cell known =
          rows.getOrDefault(pair(each), new LinkedHashMap<>())
              .get(KilledOutcome.words(each.moment()));
      if (!new Cell(each.end(), each.phase()).equals(known)) {
        differences.add("seen " + each + ", docs/faults-killed.md has " + known);
      }
    }
    return differences;
  }

  void write() throws IOException {
    String text = Files.readString(PAGE);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    Files.writeString(PAGE, text.substring(0, begin) + table() + text.substring(text.indexOf(END)));
  }

  private String table() {
    StringBuilder table = new StringBuilder();
    table.append("%d cases of %d pairs.\n\n".formatted(cases(), rows.size())).append(HEAD);
    rows.forEach((pair, moments) -> {
      SequencedMap<String, List<String>> grouped = new LinkedHashMap<>();
      moments.forEach((moment, cell) ->
          grouped
              .computeIfAbsent(cell.end() + " | " + cell.phase(), any -> new ArrayList<>())
              .add(moment));
      grouped.forEach((outcome, which) ->
          table.append("| %s | %s | %s |\n".formatted(pair, outcome, String.join(", ", which))));
    });
    return table.toString();
  }
}
