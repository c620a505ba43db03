package dev.offramp.models.intel;

import dev.offramp.models.DeviceMemory;
import dev.offramp.models.DmaFaultException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device's reads and writes of the host's memory, in little-endian 64-bit words. */
final class Dma {
  private static final ValueLayout.OfLong LAYOUT =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle WORD = LAYOUT.varHandle();

  private final DeviceMemory memory;

  Dma(DeviceMemory memory) {
    this.memory = memory;
  }

  /** The memory behind an address; every byte of it is mapped. */
  MemorySegment at(long address, long sizeBytes) throws DmaFaultException {
    return memory.at(address, sizeBytes);
  }

  /** One word; what the host wrote before it is seen, too. */
  long read(long address) throws DmaFaultException {
    return (long) WORD.getAcquire(words(address, 1), 0L);
  }

  /** {@code count} words, in no particular order. */
  long[] read(long address, int count) throws DmaFaultException {
    MemorySegment segment = words(address, count);
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      words[i] = segment.getAtIndex(LAYOUT, i);
    }
    return words;
  }

  /** One word; whoever sees it sees what was written before, too. */
  void write(long address, long word) throws DmaFaultException {
    WORD.setRelease(words(address, 1), 0L, word);
  }

  /** All words, the last one last. */
  void write(long address, long[] words) throws DmaFaultException {
    MemorySegment segment = words(address, words.length);
    int last = words.length - 1;
    for (int i = 0; i < last; i++) {
      segment.setAtIndex(LAYOUT, i, words[i]);
    }
    WORD.setRelease(segment, (long) last * Long.BYTES, words[last]);
  }

  private MemorySegment words(long address, int count) throws DmaFaultException {
    long bytes = (long) count * Long.BYTES;
    MemorySegment segment = memory.at(address, bytes);
    if (segment.address() % Long.BYTES != 0) {
      throw new DmaFaultException(address, bytes);
    }
    return segment;
  }
}
