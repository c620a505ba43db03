package dev.offramp.tck.report;

import dev.offramp.tck.report.Finding.Line;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Traces as tables: one by itself, or two side by side with the octets coloured that differ. */
final class HtmlTraces {
  /** Equal rows around a difference that are shown. */
  private static final int CONTEXT = 3;

  private static final int DIGITS_PER_OCTET = 2;
  private static final int OCTETS_PER_GROUP = 4;

  private HtmlTraces() {}

  static String of(List<List<Line>> traces) {
    return traces.size() == 2
        ? pair(TraceAlignment.of(traces.get(0), traces.get(1)))
        : String.join("", traces.stream().map(HtmlTraces::single).toList());
  }

  private static String single(List<Line> trace) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < trace.size(); i++) {
      rows.append("<tr>")
          .append(Html.cell(String.valueOf(i)))
          .append("<td>")
          .append(line(trace.get(i), null))
          .append("</td></tr>\n");
    }
    return "<table class=\"trace mono\"><col class=\"n\"><col>\n" + rows + "</table>\n";
  }

  private static String pair(List<TraceAlignment.Row> all) {
    StringBuilder rows =
        new StringBuilder("<tr><th></th><th>with the first</th><th>with the second</th></tr>\n");
    List<Integer> hidden = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (!isNearDifference(all, i)) {
        hidden.add(i);
        continue;
      }
      gap(rows, hidden);
      TraceAlignment.Row row = all.get(i);
      rows.append(row.differs() ? "<tr class=\"differs\">" : "<tr>")
          .append(Html.cell(String.valueOf(i)))
          .append(side(row.left(), row.right()))
          .append(side(row.right(), row.left()))
          .append("</tr>\n");
    }
    gap(rows, hidden);
    return "<table class=\"trace mono\"><col class=\"n\"><col><col>\n" + rows + "</table>\n";
  }

  private static void gap(StringBuilder rows, List<Integer> hidden) {
    if (!hidden.isEmpty()) {
      rows.append(
          "<tr class=\"gap\"><td colspan=\"3\">%d equal lines</td></tr>\n"
              .formatted(hidden.size()));
      hidden.clear();
    }
  }

  private static boolean isNearDifference(List<TraceAlignment.Row> rows, int at) {
    for (int i = Math.max(0, at - CONTEXT); i <= Math.min(rows.size() - 1, at + CONTEXT); i++) {
      if (rows.get(i).differs()) {
        return true;
      }
    }
    return false;
  }

  private static String side(@Nullable Line line, @Nullable Line other) {
    if (line == null) {
      return "<td></td>";
    }
    return "<td%s>%s</td>".formatted(other == null ? " class=\"only\"" : "", line(line, other));
  }

  private static String line(Line line, @Nullable Line other) {
    StringBuilder out =
        new StringBuilder(
            "<span class=\"kind\">%s</span> %s"
                .formatted(Html.escape(line.kind()), Html.escape(line.place())));
    if (!line.octets().isEmpty()) {
      out.append("<div class=\"hex\">")
          .append(hex(line.octets(), other == null ? line.octets() : other.octets()))
          .append("</div>");
    }
    if (!line.text().isEmpty()) {
      boolean differs = other != null && !line.text().equals(other.text());
      out.append("<div class=\"hex\">")
          .append(differs ? "<b>" : "")
          .append(Html.escape(line.text()))
          .append(differs ? "</b>" : "")
          .append("</div>");
    }
    return out.toString();
  }

  /** Octets in groups, those in bold that are others in {@code other}. */
  static String hex(String octets, String other) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < octets.length(); at += DIGITS_PER_OCTET) {
      if (at > 0 && at % (DIGITS_PER_OCTET * OCTETS_PER_GROUP) == 0) {
        out.append(' ');
      }
      String octet = octets.substring(at, Math.min(octets.length(), at + DIGITS_PER_OCTET));
      boolean differs = !other.startsWith(octet, at);
      out.append(differs ? "<b>" : "").append(Html.escape(octet)).append(differs ? "</b>" : "");
    }
    return out.toString();
  }
}
