package dev.offramp.tck.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The provenance map: each command as a grid of bits, 32 in a row, coloured by the field that a bit
 * depends on. Grey is constant; a diagonal marks bits that depend on several fields.
 */
final class HtmlProvenance {
  private static final int BITS_PER_ROW = 32;
  private static final int CELL = 20;
  private static final int MARGIN = 46;
  private static final int DIGITS_PER_ROW = BITS_PER_ROW / 4;
  private static final int HUES = 360;
  private static final int GOLDEN_DEGREES = 137;

  private final Map<String, String> colours = new LinkedHashMap<>();

  private HtmlProvenance(Set<String> fields) {
    int number = 0;
    for (String field : fields) {
      int light = 46 + 14 * (number % 3);
      colours.put(field, "hsl(%d 62%% %d%%)".formatted(number * GOLDEN_DEGREES % HUES, light));
      number++;
    }
  }

  /** All maps of a report; empty when there are none. */
  static String of(Report report) {
    Set<String> fields = new TreeSet<>();
    List<ExperimentResult> mapped =
        report.results().stream().filter(r -> !r.provenance().isEmpty()).toList();
    for (ExperimentResult result : mapped) {
      result.provenance().forEach(row -> row.bits().forEach(bit -> fields.addAll(split(bit))));
    }
    HtmlProvenance map = new HtmlProvenance(fields);
    StringBuilder out = new StringBuilder();
    for (ExperimentResult result : mapped) {
      out.append(
          "<h3>%s on %s, seed %d</h3>\n"
              .formatted(
                  Html.escape(result.experiment()), Html.escape(result.target()), result.seed()));
      result.provenance().forEach(row -> out.append(map.draw(row)));
    }
    return out.toString();
  }

  private static List<String> split(String bit) {
    return bit.isEmpty() ? List.of() : List.of(bit.split(",\\s*", -1));
  }

  private String draw(ProvenanceRow row) {
    int rows = (row.bits().size() + BITS_PER_ROW - 1) / BITS_PER_ROW;
    int width = MARGIN + BITS_PER_ROW * CELL + 100;
    StringBuilder svg =
        new StringBuilder(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">\n"
                .formatted(width, rows * CELL + 18));
    for (int octet = 0; octet < 4; octet++) {
      svg.append(label(MARGIN + octet * 8 * CELL, 12, "+" + octet));
    }
    for (int i = 0; i < rows; i++) {
      int y = 18 + i * CELL;
      svg.append(label(0, y + 14, "0x%03x".formatted(i * 4)));
      int start = i * DIGITS_PER_ROW;
      svg.append(
          label(
              MARGIN + BITS_PER_ROW * CELL + 8,
              y + 14,
              start < row.octets().length()
                  ? row.octets()
                      .substring(start, Math.min(row.octets().length(), start + DIGITS_PER_ROW))
                  : ""));
    }
    Set<String> used = new TreeSet<>();
    for (int bit = 0; bit < row.bits().size(); bit++) {
      used.addAll(split(row.bits().get(bit)));
      svg.append(cell(bit, row.bits().get(bit)));
    }
    return "<h4 class=\"mono\">%s</h4>\n<div class=\"map\">%s</svg></div>\n%s"
        .formatted(Html.escape(row.place()), svg, legend(used));
  }

  private String cell(int bit, String depends) {
    List<String> fields = split(depends);
    int x = MARGIN + bit % BITS_PER_ROW * CELL;
    int y = 18 + bit / BITS_PER_ROW * CELL;
    String fill = fields.isEmpty() ? "#e8ebf0" : colour(fields.get(0));
    StringBuilder out =
        new StringBuilder(
            ("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#fff\">"
                    + "<title>octet %d, bit %d: %s</title></rect>\n")
                .formatted(
                    x,
                    y,
                    CELL,
                    CELL,
                    fill,
                    bit / 8,
                    7 - bit % 8,
                    Html.escape(fields.isEmpty() ? "constant" : String.join(", ", fields))));
    if (fields.size() > 1) {
      out.append(
          "<path d=\"M%d %d l%d 0 l0 %d z\" fill=\"%s\" pointer-events=\"none\"/>\n"
              .formatted(x, y, CELL - 1, CELL - 1, colour(fields.get(1))));
    }
    return out.toString();
  }

  private String colour(String field) {
    return colours.getOrDefault(field, "#888");
  }

  private String legend(Set<String> fields) {
    List<String> entries = new ArrayList<>();
    entries.add("<span><i style=\"background:#e8ebf0\"></i>constant</span>");
    for (String field : fields) {
      entries.add(
          "<span><i style=\"background:%s\"></i>%s</span>"
              .formatted(colour(field), Html.escape(field)));
    }
    return Html.element("div", "class=\"legend mono\"", String.join("", entries));
  }

  private static String label(int x, int y, String text) {
    return "<text x=\"%d\" y=\"%d\" font-size=\"11\" font-family=\"monospace\" fill=\"#5d6878\">%s</text>\n"
        .formatted(x, y, Html.escape(text));
  }
}
