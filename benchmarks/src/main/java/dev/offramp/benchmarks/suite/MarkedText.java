package dev.offramp.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text of a document that a program owns, between two marks that readers do not see. */
final class MarkedText {
  private MarkedText() {}

  /**
   * Replaces what is between the marks.
   *
   * @throws IOException also when the document has no such marks
   */
  static void replace(Path document, String name, String text) throws IOException {
    Files.writeString(document, replaced(Files.readString(document), name, text, document));
  }

  private static String replaced(String all, String name, String text, Path document)
      throws IOException {
    String begin = "<!-- figures of " + name + ": begin -->\n";
    String end = "<!-- figures of " + name + ": end -->";
    int from = all.indexOf(begin);
    int to = all.indexOf(end);
    if (from < 0 || to < from) {
      throw new IOException(
          document
              + ": seen no pair of marks, expected ["
              + begin.strip()
              + "] and after it ["
              + end
              + "]; put both where the table belongs");
    }
    return all.substring(0, from + begin.length()) + "\n" + text + "\n" + all.substring(to);
  }
}
