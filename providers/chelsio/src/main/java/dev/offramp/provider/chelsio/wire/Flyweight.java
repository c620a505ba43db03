package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A structure of the device, laid over memory: reads and writes fields where they lie, and holds no
 * state besides the place. One object serves any number of messages, one after the other, and
 * belongs to one thread, or lock, at a time.
 */
public abstract class Flyweight {
  private static final ValueLayout.OfShort BE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort LE16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private MemorySegment memory = MemorySegment.NULL;
  private long base;

  /** For the structures of this package and of the adapter's command queues. */
  protected Flyweight() {}

  /**
   * Lays the structure over memory.
   *
   * @param segment where
   * @param offset the first byte
   */
  protected final void over(MemorySegment segment, long offset) {
    memory = segment;
    base = offset;
  }

  /** Sets bytes from the structure's beginning on to zero. */
  protected final void zero(long sizeBytes) {
    memory.asSlice(base, sizeBytes).fill((byte) 0);
  }

  protected final MemorySegment memory() {
    return memory;
  }

  protected final long base() {
    return base;
  }

  protected final int u8(long at) {
    return memory.get(ValueLayout.JAVA_BYTE, base + at) & 0xFF;
  }

  protected final int be16(long at) {
    return memory.get(BE16, base + at) & 0xFFFF;
  }

  protected final int be32(long at) {
    return memory.get(BE32, base + at);
  }

  protected final long be64(long at) {
    return memory.get(BE64, base + at);
  }

  protected final int le16(long at) {
    return memory.get(LE16, base + at) & 0xFFFF;
  }

  protected final int le32(long at) {
    return memory.get(LE32, base + at);
  }

  protected final long le64(long at) {
    return memory.get(LE64, base + at);
  }

  protected final void put8(long at, int value) {
    memory.set(ValueLayout.JAVA_BYTE, base + at, (byte) value);
  }

  protected final void putBe16(long at, int value) {
    memory.set(BE16, base + at, (short) value);
  }

  protected final void putBe32(long at, int value) {
    memory.set(BE32, base + at, value);
  }

  protected final void putBe64(long at, long value) {
    memory.set(BE64, base + at, value);
  }

  protected final void putLe16(long at, int value) {
    memory.set(LE16, base + at, (short) value);
  }

  protected final void putLe32(long at, int value) {
    memory.set(LE32, base + at, value);
  }

  protected final void putLe64(long at, long value) {
    memory.set(LE64, base + at, value);
  }
}
