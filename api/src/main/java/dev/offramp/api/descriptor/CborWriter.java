package dev.offramp.api.descriptor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the deterministic subset of CBOR that {@link CborReader} accepts (RFC 8949, section
 * 4.2.1). Our own, because the API has no dependencies and a reader for strangers' bytes must
 * refuse most of what general CBOR libraries take: indefinite lengths, long forms, tags, floats.
 */
final class CborWriter {
  private static final int UNSIGNED = 0;
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int ARRAY = 4;
  private static final int MAP = 5;
  private static final int FALSE = 0xF4;
  private static final int TRUE = 0xF5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);

  void unsigned(long value) {
    head(UNSIGNED, value);
  }

  /** All 64 bits count, as an unsigned number. */
  void unsigned64(long value) {
    if (value >= 0) {
      head(UNSIGNED, value);
    } else {
      out.write(UNSIGNED << 5 | 27);
      bigEndian(value, 8);
    }
  }

  void bool(boolean value) {
    out.write(value ? TRUE : FALSE);
  }

  void bytes(byte[] value) {
    head(BYTES, value.length);
    out.writeBytes(value);
  }

  void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    head(TEXT, utf8.length);
    out.writeBytes(utf8);
  }

  void array(int items) {
    head(ARRAY, items);
  }

  void map(int pairs) {
    head(MAP, pairs);
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }

  private void head(int major, long argument) {
    int type = major << 5;
    if (argument < 0) {
      throw new IllegalArgumentException("negative argument " + argument);
    } else if (argument < 24) {
      out.write(type | (int) argument);
    } else if (argument <= 0xFF) {
      out.write(type | 24);
      out.write((int) argument);
    } else if (argument <= 0xFFFF) {
      out.write(type | 25);
      bigEndian(argument, 2);
    } else if (argument <= 0xFFFF_FFFFL) {
      out.write(type | 26);
      bigEndian(argument, 4);
    } else {
      out.write(type | 27);
      bigEndian(argument, 8);
    }
  }

  private void bigEndian(long value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write((int) (value >> shift));
    }
  }
}
