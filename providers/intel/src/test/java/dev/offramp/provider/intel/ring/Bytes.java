package dev.offramp.provider.intel.ring;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Memory for one vector, and its comparison. */
final class Bytes {
  private static final int ALIGNMENT = 4096;

  private Bytes() {}

  /** Zeroed memory. */
  static MemorySegment zeroed(long sizeBytes) {
    return Arena.ofAuto().allocate(sizeBytes, ALIGNMENT);
  }

  /** Memory that holds {@code bytes}. */
  static MemorySegment of(byte[] bytes) {
    MemorySegment memory = zeroed(Math.max(bytes.length, 8));
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return memory;
  }

  /** Where {@code memory}, from its beginning on, differs from the vector's bytes. */
  static String compare(MemorySegment memory, Vector vector) {
    byte[] expected = vector.out();
    byte[] seen = memory.asSlice(0, expected.length).toArray(ValueLayout.JAVA_BYTE);
    StringBuilder difference = new StringBuilder();
    for (int word = 0; word < expected.length; word += Long.BYTES) {
      int end = Math.min(word + Long.BYTES, expected.length);
      String want = HexFormat.of().formatHex(expected, word, end);
      String have = HexFormat.of().formatHex(seen, word, end);
      if (!want.equals(have)) {
        difference.append("q%d is %s, not %s; ".formatted(word / Long.BYTES, have, want));
      }
    }
    return difference.toString();
  }

  /** A binding that writes into zeroed memory as large as the vector's bytes. */
  static VectorBindings.Binding written(Writer writer) {
    return vector -> {
      MemorySegment memory = zeroed(Math.max(vector.outBytes(), 64));
      writer.write(vector, memory);
      return compare(memory, vector);
    };
  }

  /** Writes what a vector asks for at the beginning of {@code memory}. */
  @FunctionalInterface
  interface Writer {
    void write(Vector vector, MemorySegment memory);
  }

  /** Collects fields that differ. */
  static final class Fields {
    private final Vector expected;
    private final StringBuilder difference = new StringBuilder();

    Fields(Vector expected) {
      this.expected = expected;
    }

    /** Compares a number, of 32 bits unsigned when it is an int. */
    Fields number(String name, long seen) {
      return check(name, seen);
    }

    Fields number(String name, int seen) {
      return check(name, Integer.toUnsignedLong(seen));
    }

    Fields flag(String name, boolean seen) {
      return check(name, seen);
    }

    Fields text(String name, String seen) {
      return check(name, seen);
    }

    Fields inside(String name, Consumer<Fields> checks) {
      Fields child = new Fields(expected.child(name));
      checks.accept(child);
      difference.append(child.difference);
      return this;
    }

    private Fields check(String name, Object seen) {
      Object wanted = expected.comparable(name);
      if (!seen.equals(wanted)) {
        difference.append("%s is %s, not %s; ".formatted(name, seen, wanted));
      }
      return this;
    }

    String difference() {
      return difference.toString();
    }
  }
}
