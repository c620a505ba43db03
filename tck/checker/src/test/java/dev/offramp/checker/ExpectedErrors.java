package dev.offramp.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The errors that a source says it expects, in the Checker Framework's own notation. */
final class ExpectedErrors {
  private static final Pattern ERROR = Pattern.compile(":: error: \\(([a-z.]+)\\)");

  private ExpectedErrors() {}

  /** As {@code line: key}; each is expected on the first line of code below the comment. */
  static List<String> of(String source) {
    List<String> expected = new ArrayList<>();
    List<String> lines = source.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Matcher matcher = ERROR.matcher(lines.get(i));
      while (matcher.find()) {
        expected.add((i + 2) + ": " + matcher.group(1));
      }
    }
    return expected;
  }
}
