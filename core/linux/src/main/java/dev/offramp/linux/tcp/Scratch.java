package dev.offramp.linux.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Native memory for the arguments of one system call, one piece per thread: a move makes some
 * eighty calls, and an arena for each would cost as much as the calls. What is in it is good until
 * the thread's next call.
 */
final class Scratch {
  private static final int VALUE_BYTES = 1024;
  private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

  private final MemorySegment value = Arena.ofAuto().allocate(VALUE_BYTES, Long.BYTES);
  private final MemorySegment word = value.asSlice(0, Integer.BYTES);
  private final MemorySegment longWord = value.asSlice(0, Long.BYTES);
  private final MemorySegment length = Arena.ofAuto().allocate(ValueLayout.JAVA_INT);

  private Scratch() {}

  /** The calling thread's. */
  static Scratch own() {
    return OWN.get();
  }

  /** Room for an {@code int}. */
  MemorySegment word() {
    return word;
  }

  /** Room for a {@code u64}. */
  MemorySegment longWord() {
    return longWord;
  }

  /** All there is. */
  MemorySegment whole() {
    return value;
  }

  /** Room for {@code bytes}, at most 1024. */
  MemorySegment value(int bytes) {
    return value.asSlice(0, bytes);
  }

  /** A {@code socklen_t} of this value. */
  MemorySegment length(long bytes) {
    length.set(ValueLayout.JAVA_INT, 0, (int) bytes);
    return length;
  }

  /** What the kernel made of {@link #length(long)}. */
  int length() {
    return length.get(ValueLayout.JAVA_INT, 0);
  }
}
