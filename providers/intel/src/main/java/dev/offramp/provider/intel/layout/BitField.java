package dev.offramp.provider.intel.layout;

/**
 * A field inside a 64-bit word. A value that is too large loses its upper bits, as the vendor's
 * code has it; whoever cannot live with that asks {@link #fits} first.
 *
 * @param lowBit the lowest bit, 0..63
 * @param highBit the highest bit, {@code lowBit..63}; {@code lowBit - 1} for a field that a
 *     generation does not have
 * @param mask the bits that it covers, inside the word
 */
public record BitField(int lowBit, int highBit, long mask) {
  /** A field that is not there: takes anything and writes nothing. */
  public static final BitField NONE = new BitField(0, -1, 0);

  /** The field from bit {@code lowBit} to bit {@code highBit}, both inside. */
  public static BitField bits(int lowBit, int highBit) {
    return new BitField(lowBit, highBit, (-1L >>> (63 - highBit + lowBit)) << lowBit);
  }

  /** A flag. */
  public static BitField bit(int bit) {
    return bits(bit, bit);
  }

  /** The value at its place in the word; the rest is zero. */
  public long of(long value) {
    return (value << lowBit) & mask;
  }

  /** The flag at its place in the word. */
  public long of(boolean value) {
    return value ? mask : 0;
  }

  /** The field's value in {@code word}, unsigned. */
  public long in(long word) {
    return (word & mask) >>> lowBit;
  }

  /** The field's value in {@code word}, where it has 32 bits or fewer. */
  public int intIn(long word) {
    return (int) in(word);
  }

  /** Whether the flag is set in {@code word}. */
  public boolean isSetIn(long word) {
    return (word & mask) != 0;
  }

  /** The largest value, unsigned. */
  public long max() {
    return mask >>> lowBit;
  }

  /** Whether {@code value}, unsigned, goes in without loss. */
  public boolean fits(long value) {
    return Long.compareUnsigned(value, max()) <= 0;
  }
}
