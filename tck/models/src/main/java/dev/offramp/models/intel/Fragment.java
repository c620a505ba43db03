package dev.offramp.models.intel;

/**
 * One piece of memory of a work request.
 *
 * @param address a tagged offset of the STag; a device address with STag 0
 * @param length bytes, unsigned 32 bits
 * @param stag whose memory
 * @param valid the fragment's own valid bit; generation 1 has none and says false
 */
record Fragment(long address, long length, int stag, boolean valid) {
  private static final Field GEN1_LENGTH = new Field(1, 0, 31);
  private static final Field GEN1_STAG = new Field(1, 32, 63);
  private static final Field LENGTH = new Field(1, 32, 62);
  private static final Field STAG = new Field(1, 0, 31);
  private static final Field VALID = Field.bit(1, 63);

  /** Reads the two words at {@code word}. */
  static Fragment decode(IntelChip chip, long[] words, int word) {
    long[] pair = {words[word], words[word + 1]};
    return chip.isSecondGeneration()
        ? new Fragment(pair[0], LENGTH.get(pair), STAG.getInt(pair), VALID.isSet(pair))
        : new Fragment(pair[0], GEN1_LENGTH.get(pair), GEN1_STAG.getInt(pair), false);
  }
}
