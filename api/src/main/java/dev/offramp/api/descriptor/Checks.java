package dev.offramp.api.descriptor;

import java.nio.charset.StandardCharsets;

/** Validation shared by the parts of a descriptor. */
final class Checks {
  static final long MAX_UINT32 = 0xFFFF_FFFFL;

  private Checks() {}

  static void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new InvalidDescriptorException(field, Long.toString(value), min + ".." + max);
    }
  }

  /** A text that CBOR can carry: not every Java string has a UTF-8 form. */
  static void text(String field, String value, int minBytes, int maxBytes) {
    require(
        StandardCharsets.UTF_8.newEncoder().canEncode(value),
        field,
        "half of a surrogate pair",
        "text that has a UTF-8 form");
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    require(
        bytes >= minBytes && bytes <= maxBytes,
        field,
        bytes + " bytes of UTF-8",
        minBytes + ".." + maxBytes + " bytes");
  }

  static void require(boolean holds, String field, String seen, String expected) {
    if (!holds) {
      throw new InvalidDescriptorException(field, seen, expected);
    }
  }
}
