package dev.offramp.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the rules: numbered from 1 without gaps, so that a row that got lost is noticed. */
final class Catalogue {
  static final String RESOURCE = "rows.txt";

  private static final String COMMENT = "#";
  private static final String STANDARD = "# RFC ";
  private static final String UNTESTABLE = "untestable: ";
  private static final Set<String> LEVELS = Set.of("MUST", "SHOULD", "ADVICE");
  private static final int FIELDS = 4;

  private Catalogue() {}

  /** The project's catalogue. */
  static List<Row> load() throws IOException {
    try (InputStream in = Catalogue.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not beside " + Catalogue.class);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /**
   * Parses a catalogue.
   *
   * @throws IllegalArgumentException names the line that is wrong
   */
  static List<Row> parse(String text) {
    List<Row> rows = new ArrayList<>();
    String rfc = "";
    for (String line : text.lines().toList()) {
      if (line.startsWith(STANDARD)) {
        rfc = line.substring(COMMENT.length()).strip();
      } else if (!line.isBlank() && !line.startsWith(COMMENT)) {
        Row row = row(line, rfc);
        if (row.number() != rows.size() + 1) {
          throw wrong(line, "row number " + (rows.size() + 1));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static Row row(String line, String rfc) {
    String[] fields = line.split(" \\| ", -1);
    boolean testable = fields.length == FIELDS;
    if (!testable && (fields.length != FIELDS + 1 || !fields[FIELDS].startsWith(UNTESTABLE))) {
      throw wrong(line, "number | section | level | rule, and perhaps | " + UNTESTABLE + "why");
    }
    if (rfc.isEmpty() || !fields[0].matches("[1-9][0-9]{0,3}") || !LEVELS.contains(fields[2])) {
      throw wrong(line, "a number, and a level of " + LEVELS + ", below a '" + STANDARD + "' line");
    }
    String why = testable ? "" : fields[FIELDS].substring(UNTESTABLE.length()).strip();
    if (!testable && why.isEmpty()) {
      throw wrong(line, "the reason why it is untestable");
    }
    return new Row(Integer.parseInt(fields[0]), rfc, fields[1], fields[2], fields[3], why);
  }

  private static IllegalArgumentException wrong(String line, String expected) {
    return new IllegalArgumentException("seen [" + line + "], expected " + expected);
  }
}
