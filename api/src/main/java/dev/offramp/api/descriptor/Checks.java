package dev.offramp.api.descriptor;

import java.nio.charset.StandardCharsets;

/** Validation shared by the parts of a descriptor. */
final class Checks {
  private static final char ASCII_MAX = 0x7F;

  static final long MAX_UINT32 = 0xFFFF_FFFFL;

  private Checks() {}

  static void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new InvalidDescriptorException(field, Long.toString(value), min + ".." + max);
    }
  }

  /** A text that CBOR can carry: not every Java string has a UTF-8 form. */
  static void text(String field, String value, int minBytes, int maxBytes) {
    int bytes = isAscii(value) ? value.length() : utf8Bytes(field, value);
    if (bytes < minBytes || bytes > maxBytes) {
      throw new InvalidDescriptorException(
          field, bytes + " bytes of UTF-8", minBytes + ".." + maxBytes + " bytes");
    }
  }

  /** Most are: a departure gives some sixty sources, and an encoder for each is dear. */
  private static boolean isAscii(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > ASCII_MAX) {
        return false;
      }
    }
    return true;
  }

  private static int utf8Bytes(String field, String value) {
    require(
        StandardCharsets.UTF_8.newEncoder().canEncode(value),
        field,
        "half of a surrogate pair",
        "text that has a UTF-8 form");
    return value.getBytes(StandardCharsets.UTF_8).length;
  }

  /** For messages that are constants; others would be made for nothing each time. */
  static void require(boolean holds, String field, String seen, String expected) {
    if (!holds) {
      throw new InvalidDescriptorException(field, seen, expected);
    }
  }
}
