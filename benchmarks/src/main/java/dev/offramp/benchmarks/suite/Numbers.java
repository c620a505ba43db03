package dev.offramp.benchmarks.suite;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How figures are written. */
final class Numbers {
  private static final int DIGITS = 6;

  private Numbers() {}

  /** Three significant digits, no exponent; a dash where nothing was measured. */
  static String three(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    double size = Math.abs(value);
    int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** As short as the number is. */
  static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /** For JSON, which has no NaN: null where nothing was measured. */
  static @Nullable Double rounded(double value) {
    return Double.isFinite(value)
        ? BigDecimal.valueOf(value)
            .round(new MathContext(DIGITS, RoundingMode.HALF_EVEN))
            .doubleValue()
        : null;
  }
}
