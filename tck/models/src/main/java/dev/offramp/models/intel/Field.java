package dev.offramp.models.intel;

/**
 * Where a value stands in one of irdma's structures, which all are arrays of little-endian 64-bit
 * words.
 *
 * @param word which word
 * @param low its lowest bit there
 * @param high its highest bit there, inclusive
 */
record Field(int word, int low, int high) {
  Field {
    if (word < 0 || low < 0 || high < low || high >= Long.SIZE) {
      throw new IllegalArgumentException("bits %d:%d of word %d".formatted(high, low, word));
    }
  }

  /** A field of one bit. */
  static Field bit(int word, int bit) {
    return new Field(word, bit, bit);
  }

  /** A whole word. */
  static Field word(int word) {
    return new Field(word, 0, Long.SIZE - 1);
  }

  /** The value, unsigned. */
  long get(long[] words) {
    return (words[word] >>> low) & mask();
  }

  /** The value of a field of at most 32 bits; above 2^31 it is negative. */
  int getInt(long[] words) {
    return (int) get(words);
  }

  boolean isSet(long[] words) {
    return get(words) != 0;
  }

  /** Replaces the value; bits that do not fit are lost, as in hardware. */
  void set(long[] words, long value) {
    words[word] = (words[word] & ~(mask() << low)) | ((value & mask()) << low);
  }

  void set(long[] words, boolean value) {
    set(words, value ? 1 : 0);
  }

  private long mask() {
    int bits = high - low + 1;
    return bits == Long.SIZE ? -1 : (1L << bits) - 1;
  }
}
