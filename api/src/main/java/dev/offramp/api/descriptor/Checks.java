package dev.offramp.api.descriptor;

/** Validation shared by the parts of a descriptor. */
final class Checks {
  static final long MAX_UINT32 = 0xFFFF_FFFFL;

  private Checks() {}

  static void range(String field, long value, long min, long max) {
    if (value < min || value > max) {
      throw new InvalidDescriptorException(field, Long.toString(value), min + ".." + max);
    }
  }

  static void require(boolean holds, String field, String seen, String expected) {
    if (!holds) {
      throw new InvalidDescriptorException(field, seen, expected);
    }
  }
}
