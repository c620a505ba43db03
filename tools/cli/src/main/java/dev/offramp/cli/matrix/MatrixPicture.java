package dev.offramp.cli.matrix;

import dev.offramp.api.transfer.Refusal;
import java.util.List;
import java.util.Locale;

/** The matrix as SVG: one square for each pair, with how long the move took. */
final class MatrixPicture {
  private static final int LEFT = 150;
  private static final int TOP = 96;
  private static final int CELL_WIDTH = 150;
  private static final int CELL_HEIGHT = 66;
  private static final int LEGEND_LINE = 22;
  private static final int LEGEND_LINES = 6;
  private static final double KIBI = 1024;
  private static final List<MatrixOwner> OWNERS = List.of(MatrixOwner.values());

  private static final String GREEN = "#9bd6a3";
  private static final String LIME = "#d9e8a0";
  private static final String BLUE = "#b9d3ee";
  private static final String GREY = "#dddddd";
  private static final String RED = "#ef8a80";

  private final StringBuilder svg = new StringBuilder();

  private MatrixPicture() {}

  static String of(List<MatrixCell> cells, long bytes, boolean ipv6) {
    MatrixPicture picture = new MatrixPicture();
    picture.draw(cells, bytes, ipv6);
    return picture.svg.toString();
  }

  private void draw(List<MatrixCell> cells, long bytes, boolean ipv6) {
    int kinds = OWNERS.size();
    int width = LEFT + kinds * CELL_WIDTH + 20;
    int bottom = TOP + kinds * CELL_HEIGHT;
    int height = bottom + (LEGEND_LINES + 1) * LEGEND_LINE;
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" \
        viewBox="0 0 %1$d %2$d" font-family="sans-serif">
        <rect width="%1$d" height="%2$d" fill="white"/>
        """
            .formatted(width, height));
    text(
        16,
        30,
        18,
        "start",
        "A live RDMA connection, from each owner to each: "
            + (ipv6 ? "IPv6" : "IPv4")
            + String.format(
                Locale.ROOT, ", %.1f MiB each way by each operation", bytes / KIBI / KIBI));
    text(16, 54, 12, "start", "t6, x722 and e810 are models, not silicon");
    text(16, TOP - 12, 12, "start", "from \u2193   to \u2192");
    for (MatrixOwner owner : OWNERS) {
      int at = OWNERS.indexOf(owner);
      text(LEFT + at * CELL_WIDTH + CELL_WIDTH / 2, TOP - 12, 13, "middle", owner.label());
      text(16, TOP + at * CELL_HEIGHT + CELL_HEIGHT / 2 + 4, 13, "start", owner.label());
    }
    cells.forEach(this::cell);
    legend(bottom + LEGEND_LINE);
    svg.append("</svg>\n");
  }

  private void cell(MatrixCell cell) {
    int x = LEFT + OWNERS.indexOf(cell.to()) * CELL_WIDTH;
    int y = TOP + OWNERS.indexOf(cell.from()) * CELL_HEIGHT;
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"white\"/>\n"
            .formatted(x, y, CELL_WIDTH, CELL_HEIGHT, colour(cell)));
    int middle = x + CELL_WIDTH / 2;
    if (cell.moved().isPresent()) {
      MatrixAttempt moved = cell.moved().get();
      text(middle, y + 27, 15, "middle", MatrixText.pause(moved));
      text(middle, y + 45, 11, "middle", moved.traffic().label());
    } else {
      text(middle, y + 27, 13, "middle", words(cell));
    }
    if (!cell.isGood()) {
      text(middle, y + 60, 10, "middle", "lost, left, or not as declared");
    } else if (cell.attempts().getFirst().outcome() == MatrixAttempt.Outcome.REFUSED) {
      text(middle, y + 60, 9, "middle", "all: " + reason(cell.attempts().getFirst()));
    }
  }

  private static String words(MatrixCell cell) {
    return !cell.isGood() ? "failed" : "refused";
  }

  private static String reason(MatrixAttempt refused) {
    return refused.refusals().stream()
        .map(Refusal::reason)
        .distinct()
        .map(Enum::name)
        .reduce((a, b) -> a + " +")
        .orElse("");
  }

  private static String colour(MatrixCell cell) {
    return !cell.isGood()
        ? RED
        : cell.moved()
            .map(moved ->
                switch (moved.traffic()) {
                  case ALL -> GREEN;
                  case WRITES -> LIME;
                  case BEFORE_FIRST_FPDU -> BLUE;
                })
            .orElse(GREY);
  }

  private void legend(int y) {
    int line = 0;
    line(y, line++, GREEN, "moved: " + MatrixTraffic.ALL.description());
    line(y, line++, LIME, "moved: " + MatrixTraffic.WRITES.description());
    line(y, line++, BLUE, "moved: " + MatrixTraffic.BEFORE_FIRST_FPDU.description());
    line(
        y,
        line++,
        GREY,
        "refused each time that it was tried; the connection went on with nothing lost");
    line(
        y,
        line++,
        RED,
        "a move failed, something was lost or left behind, or it is not as declared");
    text(
        16,
        y + line * LEGEND_LINE + 12,
        12,
        "start",
        "Times are those of the call that moves, coming to rest included. The last line of a"
            + " square: why all traffic was refused; that connection went on.");
  }

  private void line(int y, int line, String colour, String words) {
    svg.append(
        "<rect x=\"16\" y=\"%d\" width=\"14\" height=\"14\" fill=\"%s\"/>\n"
            .formatted(y + line * LEGEND_LINE, colour));
    text(38, y + line * LEGEND_LINE + 12, 12, "start", words);
  }

  private void text(int x, int y, int size, String anchor, String words) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"%s\">%s</text>\n"
            .formatted(x, y, size, anchor, words.replace("&", "&amp;").replace("<", "&lt;")));
  }
}
