package dev.offramp.models.chelsio;

import java.util.Arrays;

/**
 * A TCB: one number of 1024 bits. 32-bit word w with shift s is bit 32w+s; on the wire of a
 * CPL_GET_TCB_RPL the most significant byte comes first. For one thread.
 */
final class Tcb {
  static final int BYTES = 128;
  static final int WORDS = 32;

  private static final int LONGS = 16;
  private static final int LAST_WORD = WORDS - 1;
  private static final long MASK_32 = 0xFFFF_FFFFL;

  private final long[] longs = new long[LONGS];

  /** A field's value, as though unsigned. */
  long get(TcbField field) {
    return read(field.first(), field.width());
  }

  int getInt(TcbField field) {
    return (int) get(field);
  }

  /** Sets a field; what does not fit is cut off, as in hardware. */
  void set(TcbField field, long value) {
    write(field.first(), field.width(), value);
  }

  boolean flag(int bit) {
    return read(TcbField.T_FLAGS.first() + bit, 1) != 0;
  }

  void setFlag(int bit, boolean on) {
    write(TcbField.T_FLAGS.first() + bit, 1, on ? 1 : 0);
  }

  /**
   * What CPL_SET_TCB_FIELD does: the 64 bits from a word on become {@code (old & ~mask) | value}.
   * What lies beyond the last word is dropped. Bits of the value outside the mask are set, too: the
   * sheet has it so, and so do the drivers, which never set any.
   *
   * @return the old 64 bits
   */
  long write(int word, long mask, long value) {
    int width = word == LAST_WORD ? 32 : 64;
    long old = read(32 * word, width);
    write(32 * word, width, (old & ~mask) | value);
    return old;
  }

  /** Whether a write there would touch anything beyond the TCB. */
  static boolean reachesBeyond(int word, long mask, long value) {
    return word == LAST_WORD && ((mask | value) & ~MASK_32) != 0;
  }

  /** A copy that no longer changes with this one. */
  Tcb copy() {
    Tcb other = new Tcb();
    System.arraycopy(longs, 0, other.longs, 0, LONGS);
    return other;
  }

  /** The image of a CPL_GET_TCB_RPL. */
  byte[] toBytes() {
    byte[] image = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      image[BYTES - 1 - i] = (byte) (longs[i >> 3] >>> (8 * (i & 7)));
    }
    return image;
  }

  /** The TCB of an image. */
  static Tcb of(byte[] image) {
    Tcb tcb = new Tcb();
    for (int i = 0; i < BYTES; i++) {
      tcb.longs[i >> 3] |= (image[BYTES - 1 - i] & 0xFFL) << (8 * (i & 7));
    }
    return tcb;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tcb that && Arrays.equals(longs, that.longs);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(longs);
  }

  private long read(int first, int width) {
    int index = first >> 6;
    int shift = first & 63;
    long value = longs[index] >>> shift;
    if (shift + width > 64) {
      value |= longs[index + 1] << (64 - shift);
    }
    return value & mask(width);
  }

  private void write(int first, int width, long value) {
    int index = first >> 6;
    int shift = first & 63;
    long cut = value & mask(width);
    longs[index] = (longs[index] & ~(mask(width) << shift)) | cut << shift;
    if (shift + width > 64) {
      int done = 64 - shift;
      longs[index + 1] = (longs[index + 1] & ~(mask(width) >>> done)) | cut >>> done;
    }
  }

  private static long mask(int width) {
    return width == 64 ? -1L : (1L << width) - 1;
  }
}
