package dev.offramp.tck.oracle;

import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.SequenceRules;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** The small family of functions that explain what became of a number. */
public final class Encodings {
  private static final long UINT32 = 0xFFFF_FFFFL;

  /** A unit of 4.096 microseconds, in nanoseconds. */
  private static final long TIMEOUT_UNIT_NANOS = 4096;

  /** A function and its name. */
  private record Candidate(Encoding encoding, LongUnaryOperator function) {}

  private static final List<Candidate> CANDIDATES =
      List.of(
          new Candidate(
              new Encoding("24 bits", SequenceRules.L12, "narrowed to 24 bits"),
              v -> v & 0xFF_FFFF),
          new Candidate(
              new Encoding("24 bits, high", SequenceRules.L12, "narrowed to 24 bits, shifted by 8"),
              v -> (v << 8) & UINT32),
          new Candidate(
              new Encoding("8 bits", NegotiationRules.L19, "narrowed to 8 bits"), v -> v & 0xFF),
          new Candidate(
              new Encoding("path MTU code", NegotiationRules.L25, "as a path MTU code of 1 to 5"),
              Encodings::mtuCode),
          new Candidate(
              new Encoding(
                  "path MTU", NegotiationRules.L25, "rounded down to 256, 512, 1024, 2048 or 4096"),
              v -> mtuCode(v) == 0 ? -1 : 128L << mtuCode(v)),
          new Candidate(
              new Encoding(
                  "4.096 us * 2^n, of microseconds",
                  NegotiationRules.L26,
                  "as the exponent of 4.096 us * 2^n"),
              v -> timeoutCode(v * 1000)),
          new Candidate(
              new Encoding(
                  "4.096 us * 2^n, of milliseconds",
                  NegotiationRules.L26,
                  "as the exponent of 4.096 us * 2^n"),
              v -> timeoutCode(v * 1_000_000)));

  private Encodings() {}

  /** What turned {@code from} into {@code to}, when something of the family did. */
  public static Optional<Encoding> explain(long from, long to) {
    if (from == to) {
      return Optional.empty();
    }
    return CANDIDATES.stream()
        .filter(candidate -> candidate.function().applyAsLong(from) == to)
        .map(Candidate::encoding)
        .findFirst();
  }

  /** The path MTU code for a size: 1 for 256 up to 5 for 4096; 0 below. */
  public static long mtuCode(long bytes) {
    for (int code = 5; code >= 1; code--) {
      if (bytes >= 128L << code) {
        return code;
      }
    }
    return 0;
  }

  /** The smallest n with 4.096 us * 2^n of at least that duration. */
  public static long timeoutCode(long nanos) {
    long code = 0;
    while (code < 63 && TIMEOUT_UNIT_NANOS << code < nanos && TIMEOUT_UNIT_NANOS << code > 0) {
      code++;
    }
    return code;
  }
}
