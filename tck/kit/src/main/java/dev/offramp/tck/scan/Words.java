package dev.offramp.tck.scan;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Splits names and texts into words: {@code localCommId} and {@code LOCAL_COMM_ID} are the same.
 */
final class Words {
  private static final Pattern NO_LETTER = Pattern.compile("[^A-Za-z0-9]+");
  private static final Pattern HUMP =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  private Words() {}

  /** In lower case, in order. */
  static List<String> of(String text) {
    return NO_LETTER
        .splitAsStream(text)
        .flatMap(HUMP::splitAsStream)
        .filter(word -> !word.isEmpty())
        .map(word -> word.toLowerCase(Locale.ROOT))
        .toList();
  }
}
