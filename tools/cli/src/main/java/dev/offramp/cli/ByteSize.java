package dev.offramp.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes with an optional suffix K, M or G (binary). */
final class ByteSize implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    int shift =
        switch (upper.isEmpty() ? ' ' : upper.charAt(upper.length() - 1)) {
          case 'K' -> 10;
          case 'M' -> 20;
          case 'G' -> 30;
          default -> 0;
        };
    try {
      long number = Long.parseLong(shift == 0 ? upper : upper.substring(0, upper.length() - 1));
      return Math.multiplyExact(number, 1L << shift);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TypeConversionException(
          "seen [" + text + "], expected a number of bytes such as 65536, 64K, 16M or 1G");
    }
  }
}
