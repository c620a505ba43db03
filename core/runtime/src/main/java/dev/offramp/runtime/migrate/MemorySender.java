package dev.offramp.runtime.migrate;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends the memory of a stopped connection, in pieces: so that no more of it is held twice. For one
 * thread.
 */
final class MemorySender {
  /** Sealed and sent at once. */
  static final int PIECE_BYTES = 1 << 20;

  static final int HEADER_BYTES = Integer.BYTES + Long.BYTES;

  private final Map<Integer, MemorySegment> memory;
  private final MemoryPlan plan;

  /**
   * Memory of regions.
   *
   * @param memory by STag; native
   */
  MemorySender(Map<Integer, MemorySegment> memory) {
    this.memory = new HashMap<>(memory);
    List<MemoryPlan.Extent> extents = new ArrayList<>();
    memory.forEach((stag, segment) ->
        extents.add(new MemoryPlan.Extent(stag, segment.address(), segment.byteSize())));
    this.plan = MemoryPlan.of(extents);
  }

  MemoryPlan plan() {
    return plan;
  }

  /** Takes messages. */
  interface Sink {
    void send(int type, ByteBuffer payload) throws IOException;
  }

  /** Each byte once, in the order of the areas and of their offsets; then the end. */
  void send(Sink link) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(HEADER_BYTES + PIECE_BYTES);
    int area = -1;
    long sent = 0;
    for (MemoryPlan.Placement placement : plan.placements()) {
      if (placement.area() != area) {
        area = placement.area();
        sent = 0;
      }
      MemorySegment segment = memory.get(placement.stag());
      if (segment == null) {
        throw new IllegalStateException("no memory for " + placement);
      }
      long end = placement.offsetBytes() + segment.byteSize();
      while (sent < end) {
        int count = (int) Math.min(PIECE_BYTES, end - sent);
        piece.clear().putInt(area).putLong(sent);
        piece.put(segment.asSlice(sent - placement.offsetBytes(), count).asByteBuffer());
        link.send(MessageType.MEMORY, piece.flip());
        sent += count;
      }
    }
    link.send(MessageType.MEMORY_END, ByteBuffer.allocate(0));
  }
}
