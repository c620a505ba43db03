package dev.offramp.interop;

import java.io.PrintWriter;
import java.time.Duration;

/** The table that the suite prints, row by row as cases end. */
final class Table {
  private static final String ROW = "%-22s %-10s %-64s %-7s %5s  %s%n";

  private final PrintWriter out;

  Table(PrintWriter out) {
    this.out = out;
  }

  void head() {
    out.printf(ROW, "program", "role", "options", "result", "s", "");
    out.flush();
  }

  void row(Result result) {
    Case test = result.test();
    row(
        test.program(),
        test.role(),
        test.options(),
        result.passed(),
        seconds(result.took()),
        result.note());
  }

  void row(
      String program, String role, String options, boolean passed, String seconds, String note) {
    out.printf(ROW, program, role, options, passed ? "passed" : "FAILED", seconds, note);
    out.flush();
  }

  static String seconds(Duration took) {
    return "%.1f".formatted(took.toMillis() / 1000.0);
  }
}
