package dev.offramp.benchmarks.softiwarp;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** What goes through the streams of an RNIC: calls, bytes, and where the bytes lie. */
final class StreamCounts {
  private final List<MemorySegment> registered = new CopyOnWriteArrayList<>();
  private final Direction written = new Direction();
  private final Direction read = new Direction();

  /** One direction, as seen by this end. */
  static final class Direction {
    private final LongAdder calls = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder registeredBytes = new LongAdder();

    /** Calls that moved bytes. */
    long calls() {
      return calls.sum();
    }

    long bytes() {
      return bytes.sum();
    }

    /** Bytes that the kernel took from registered memory, or put there. */
    long registeredBytes() {
      return registeredBytes.sum();
    }

    private void reset() {
      calls.reset();
      bytes.reset();
      registeredBytes.reset();
    }
  }

  Direction written() {
    return written;
  }

  Direction read() {
    return read;
  }

  void reset() {
    written.reset();
    read.reset();
  }

  void watch(MemorySegment memory) {
    registered.add(memory);
  }

  /**
   * Counts one call.
   *
   * @param positions of the buffers before it
   */
  void count(Direction direction, ByteBuffer[] buffers, int offset, int length, int[] positions) {
    long all = 0;
    for (int i = 0; i < length; i++) {
      ByteBuffer buffer = buffers[offset + i];
      int moved = buffer.position() - positions[i];
      all += moved;
      if (moved > 0 && isRegistered(buffer, positions[i])) {
        direction.registeredBytes.add(moved);
      }
    }
    if (all > 0) {
      direction.calls.increment();
      direction.bytes.add(all);
    }
  }

  private boolean isRegistered(ByteBuffer buffer, int position) {
    if (!buffer.isDirect()) {
      return false;
    }
    long address = MemorySegment.ofBuffer(buffer.duplicate().clear()).address() + position;
    for (MemorySegment memory : registered) {
      if (address >= memory.address() && address < memory.address() + memory.byteSize()) {
        return true;
      }
    }
    return false;
  }
}
