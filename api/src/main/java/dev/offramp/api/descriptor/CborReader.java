package dev.offramp.api.descriptor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads deterministic CBOR (RFC 8949, section 4.2.1) from a stranger. Never recurses, and allocates
 * for a string only once its whole length is known to be there and within the caller's limit.
 */
final class CborReader {
  private static final int UNSIGNED = 0;
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int ARRAY = 4;
  private static final int MAP = 5;
  private static final int FALSE = 0xF4;
  private static final int TRUE = 0xF5;
  private static final String[] MAJOR_NAMES = {
    "an unsigned integer",
    "a negative integer",
    "a byte string",
    "a text string",
    "an array",
    "a map",
    "a tag",
    "a simple value or float"
  };

  private final ByteBuffer in;

  CborReader(ByteBuffer in) {
    this.in = in.slice();
  }

  int position() {
    return in.position();
  }

  boolean atEnd() {
    return !in.hasRemaining();
  }

  long unsigned() throws DescriptorFormatException {
    return head(UNSIGNED);
  }

  /** All 64 bits, the highest included. */
  long unsigned64() throws DescriptorFormatException {
    return argument(UNSIGNED);
  }

  int unsignedInt() throws DescriptorFormatException {
    long value = head(UNSIGNED);
    if (value > Integer.MAX_VALUE) {
      throw error("the number " + value, "at most " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  boolean bool() throws DescriptorFormatException {
    int initial = octet();
    if (initial != FALSE && initial != TRUE) {
      throw error("initial byte 0x" + Integer.toHexString(initial), "true or false");
    }
    return initial == TRUE;
  }

  byte[] bytes(int maxBytes) throws DescriptorFormatException {
    return string(BYTES, maxBytes);
  }

  String text(int maxBytes) throws DescriptorFormatException {
    byte[] utf8 = string(TEXT, maxBytes);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(utf8))
          .toString();
    } catch (CharacterCodingException e) {
      throw error("a text string that is no UTF-8", "UTF-8");
    }
  }

  int array(int minItems, int maxItems) throws DescriptorFormatException {
    return count(ARRAY, minItems, maxItems, "items");
  }

  int map(int minPairs, int maxPairs) throws DescriptorFormatException {
    return count(MAP, minPairs, maxPairs, "pairs");
  }

  DescriptorFormatException error(String seen, String expected) {
    return new DescriptorFormatException(in.position(), seen, expected);
  }

  private int count(int major, int min, int max, String unit) throws DescriptorFormatException {
    long count = head(major);
    if (count < min || count > max) {
      throw error(count + " " + unit, min + ".." + max + " " + unit);
    }
    return (int) count;
  }

  private byte[] string(int major, int maxBytes) throws DescriptorFormatException {
    long length = head(major);
    if (length > maxBytes) {
      throw error("a string of " + length + " bytes", "at most " + maxBytes + " bytes");
    }
    if (length > in.remaining()) {
      throw error(
          "a string of " + length + " bytes with only " + in.remaining() + " bytes left",
          "the whole string (truncated input?)");
    }
    byte[] value = new byte[(int) length];
    in.get(value);
    return value;
  }

  private long head(int major) throws DescriptorFormatException {
    long value = argument(major);
    if (value < 0) {
      throw error("a number of 64 bits", "at most 63 bits");
    }
    return value;
  }

  private long argument(int major) throws DescriptorFormatException {
    int initial = octet();
    int seen = initial >> 5;
    if (seen != major) {
      throw error(MAJOR_NAMES[seen], MAJOR_NAMES[major]);
    }
    int info = initial & 0x1F;
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw error("additional information " + info, "a definite length (RFC 8949, 4.2.1)");
    }
    int bytes = 1 << (info - 24);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | octet();
    }
    long shortest = bytes == 1 ? 24 : 1L << (4 * bytes);
    if (value >= 0 && value < shortest) {
      throw error("the number " + value + " in " + bytes + " bytes", "its shortest form");
    }
    return value;
  }

  private int octet() throws DescriptorFormatException {
    if (!in.hasRemaining()) {
      throw error("the end of the input", "more bytes (truncated input?)");
    }
    return Byte.toUnsignedInt(in.get());
  }
}
