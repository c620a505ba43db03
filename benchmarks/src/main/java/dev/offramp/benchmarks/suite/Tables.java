package dev.offramp.benchmarks.suite;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Figures as tables: for a terminal, and in Markdown. */
public final class Tables {
  private static final List<String> HEADINGS =
      List.of("figure", "ours", "baseline", "value", "min..max", "target", "verdict");

  private Tables() {}

  /** For a terminal, one part. */
  public static String text(PartReport report) {
    List<List<String>> rows = rows(report);
    int[] widths = HEADINGS.stream().mapToInt(String::length).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    textLine(out, HEADINGS, widths);
    rows.forEach(row -> textLine(out, row, widths));
    return out.toString();
  }

  private static void textLine(StringBuilder out, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(cells.get(i)).repeat(' ', widths[i] - cells.get(i).length() + 2);
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }

  /** All parts, each with a heading and what it was measured on. */
  public static String markdown(List<PartReport> parts) {
    StringBuilder out = new StringBuilder();
    for (PartReport part : parts) {
      out.append("\n### ").append(part.part()).append("\n\n");
      out.append(measuredOn(part)).append("\n\n");
      markdownLine(out, HEADINGS);
      markdownLine(out, HEADINGS.stream().map(heading -> "---").toList());
      rows(part).forEach(row -> markdownLine(out, row));
      notes(part).forEach(note -> out.append("\n* ").append(note));
      out.append('\n');
    }
    return out.toString().stripLeading();
  }

  /** One line: when, what, and where. */
  public static String measuredOn(PartReport part) {
    return String.format(
        "%sCommit %s, %s, %s x %s, %s, JDK %s, load average %s.",
        part.quick() ? "QUICK RUN, THE FIGURES MEAN NOTHING. " : "",
        part.facts().get("commit"),
        part.facts().get("started"),
        part.facts().get("processors"),
        part.facts().get("processor"),
        part.facts().get("kernel"),
        part.facts().get("jdk"),
        part.facts().get("loadAverage"));
  }

  /** What has to be known besides, one line each figure that has such. */
  public static List<String> notes(PartReport part) {
    return part.figures().stream()
        .filter(figure -> !figure.note().isEmpty())
        .map(figure -> figure.name() + ": " + figure.note())
        .toList();
  }

  private static void markdownLine(StringBuilder out, List<String> cells) {
    out.append('|');
    cells.forEach(cell -> out.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    out.append('\n');
  }

  private static List<List<String>> rows(PartReport report) {
    List<List<String>> rows = new ArrayList<>();
    for (Figure figure : report.figures()) {
      Series value = figure.value();
      String unit = figure.unit().equals(Figure.RATIO) ? "" : " " + figure.unit();
      rows.add(
          List.of(
              figure.name(),
              side(figure.ours(), ""),
              figure.baseline() == null ? "" : side(figure.baseline(), figure.baseline().name()),
              Numbers.three(value.median()) + unit,
              Numbers.three(value.min()) + ".." + Numbers.three(value.max()),
              figure.target() == null ? "" : figure.target().toString(),
              switch (figure.verdict()) {
                case MET -> "met";
                case MISSED -> "MISSED";
                case INFORMATION -> "";
              }));
    }
    return rows;
  }

  private static String side(Figure.@Nullable Side side, String name) {
    return side == null
        ? ""
        : Numbers.three(side.series().median())
            + " "
            + side.unit()
            + (name.isEmpty() ? "" : " (" + name + ")");
  }
}
