package dev.offramp.provider.chelsio.wire;

/**
 * A field inside a word of up to 64 bits. Declared as a constant, it costs nothing at run time.
 *
 * @param name the vendor's name, for messages
 * @param shift how many bits of the word lie below the field
 * @param width how many bits it has, 1..64
 */
public record Bits(String name, int shift, int width) {
  public Bits {
    if (shift < 0 || width < 1 || shift + width > Long.SIZE) {
      throw new IllegalArgumentException(
          "field [%s]: %d bits at %d do not fit 64".formatted(name, width, shift));
    }
  }

  /** A field of one bit. */
  public static Bits flag(String name, int shift) {
    return new Bits(name, shift, 1);
  }

  /** The field's ones, in place. */
  public long mask() {
    return max() << shift;
  }

  /** The largest value. */
  public long max() {
    return -1L >>> (Long.SIZE - width);
  }

  /**
   * A value in place.
   *
   * @param value unsigned
   * @throws IllegalArgumentException when the field is too small for it
   */
  public long of(long value) {
    if ((value & ~max()) != 0) {
      throw tooLarge(value);
    }
    return value << shift;
  }

  /** A flag in place. */
  public long of(boolean set) {
    return of(set ? 1 : 0);
  }

  /** The value, in place, for a word of 32 bits. */
  public int int32(long value) {
    return (int) of(value);
  }

  /** The flag, in place, for a word of 32 bits. */
  public int int32(boolean set) {
    return (int) of(set);
  }

  /** The field's value in a word. */
  public long from(long word) {
    return (word >>> shift) & max();
  }

  /** The field's value in a word of 32 bits. */
  public int from(int word) {
    return (int) from(Integer.toUnsignedLong(word));
  }

  /** Whether any of the field's bits is set. */
  public boolean isSetIn(long word) {
    return (word & mask()) != 0;
  }

  private IllegalArgumentException tooLarge(long value) {
    return new IllegalArgumentException(
        "field [%s]: seen [%#x], expected 0..%#x".formatted(name, value, max()));
  }
}
