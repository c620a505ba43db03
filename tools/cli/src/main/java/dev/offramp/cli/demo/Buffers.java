package dev.offramp.cli.demo;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A party's memory, made and filled before the conversation, as an application's would be.
 *
 * @param source what the party sends
 * @param sink where it receives
 */
record Buffers(MemorySegment source, MemorySegment sink) {
  private static final long PAGE_BYTES = 4096;

  /**
   * New buffers.
   *
   * @param bytes the size of each; a multiple of 8
   * @param seed what the source is filled from
   */
  static Buffers allocate(Arena arena, long bytes, long seed) {
    MemorySegment source = arena.allocate(bytes, PAGE_BYTES);
    MemorySegment sink = arena.allocate(bytes, PAGE_BYTES);
    Pattern.fill(source, seed);
    return new Buffers(source, sink);
  }
}
