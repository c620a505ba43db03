package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.RegisteredMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Registered memory as chance wills: some regions overlap, some have no byte, some are revoked.
 *
 * @param described as a descriptor has them
 * @param memory by STag
 */
record Regions(List<RegisteredMemory> described, Map<Integer, MemorySegment> memory) {
  private static final int MOST = 8;
  private static final int BUFFER_BYTES = 3_000;

  /** A region's memory, which has to be there. */
  static MemorySegment of(Map<Integer, MemorySegment> memory, int stag) {
    return Objects.requireNonNull(memory.get(stag), "STag " + stag);
  }

  static Regions random(SplittableRandom random, Arena arena) {
    List<MemorySegment> buffers = new ArrayList<>();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      MemorySegment buffer = arena.allocate(BUFFER_BYTES);
      for (long at = 0; at < BUFFER_BYTES; at++) {
        buffer.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
      }
      buffers.add(buffer);
    }
    List<RegisteredMemory> described = new ArrayList<>();
    Map<Integer, MemorySegment> memory = new HashMap<>();
    for (int i = random.nextInt(MOST); i > 0; i--) {
      int stag = i << 8 | random.nextInt(1 << 8);
      int offset = random.nextInt(BUFFER_BYTES);
      int size = random.nextInt(4) == 0 ? 0 : random.nextInt(BUFFER_BYTES - offset);
      memory.put(stag, buffers.get(random.nextInt(buffers.size())).asSlice(offset, size));
      described.add(new RegisteredMemory(stag, 0, size, Set.of(), random.nextInt(4) > 0));
    }
    return new Regions(described, memory);
  }
}
