package dev.offramp.iwarp.mpa;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of an FPDU (RFC 5044, section 4.4), over any number of pieces. Not safe for use by
 * several threads.
 */
public final class Crc32c {
  private final CRC32C crc = new CRC32C();

  /** A checksum of nothing. */
  public Crc32c() {}

  /** Forgets all pieces. */
  public void reset() {
    crc.reset();
  }

  /**
   * Takes in {@code length} bytes at the absolute {@code offset} of a view that is there for this
   * alone: its position and limit are moved.
   */
  public void update(ByteBuffer view, int offset, int length) {
    crc.update(view.limit(offset + length).position(offset));
  }

  /** Takes in what remains in {@code bytes}, whose position stays. */
  public void update(ByteBuffer bytes) {
    int position = bytes.position();
    crc.update(bytes);
    bytes.position(position);
  }

  /**
   * The CRC field as a big-endian {@code int}. The polynomial's bits travel reflected, so the field
   * looks little-endian next to all other fields.
   */
  public int wireValue() {
    return Integer.reverseBytes((int) crc.getValue());
  }
}
