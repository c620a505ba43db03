package dev.offramp.provider.chelsio.adapter;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for messages that do not fit an entry of the event queue (sge.c, {@code sge_fl}). The
 * ring holds eight addresses in each slot of 64 bytes; the low bits of an address are the kind of
 * buffer, here 0. A message begins in a new buffer; one that is longer than a buffer goes on in the
 * next ones. For the event queue's thread.
 */
final class FreeList {
  /** How many addresses the ring holds; eight are always left out ({@code fl_cap}). */
  static final int SIZE = 64;

  private static final int UNIT = 8;
  private static final int CAPACITY = SIZE - UNIT;
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

  private final DeviceWindow window;
  private final DmaSlab ring;
  private final DmaSlab buffers;
  private final int bufferBytes;
  private final boolean t6;
  private final UserDoorbell doorbell;
  private int producer;
  private int consumer;
  private int inUse;
  private int announced;
  private boolean begun;

  /**
   * A list without buffers: call {@link #refill}.
   *
   * @param buffers room for {@value #SIZE} of them
   */
  FreeList(
      DeviceWindow window,
      DmaSlab ring,
      DmaSlab buffers,
      int bufferBytes,
      boolean t6,
      UserDoorbell doorbell) {
    this.window = window;
    this.ring = ring;
    this.buffers = buffers;
    this.bufferBytes = bufferBytes;
    this.t6 = t6;
    this.doorbell = doorbell;
  }

  /** The ring's size in slots of 64 bytes, without its status page. */
  static int slots() {
    return SIZE / UNIT;
  }

  /** Hands all buffers to the adapter that it does not have, in units of eight. */
  void refill() {
    while (inUse < CAPACITY) {
      long address = buffers.deviceAddress() + (long) producer * bufferBytes;
      ring.segment().set(BE64, (long) producer * Long.BYTES, address);
      producer = (producer + 1) % SIZE;
      inUse++;
      announced++;
    }
    int eights = announced / UNIT;
    if (eights > 0) {
      announced -= eights * UNIT;
      window.fence();
      doorbell.ringFreeList(eights, t6);
    }
  }

  /**
   * The buffer in which a message begins; valid until {@link #refill}. Null when the adapter says
   * that it has used more than it was given.
   *
   * @param length of the message
   * @param isNew whether it says that the message begins in a new buffer
   */
  @Nullable MemorySegment take(int length, boolean isNew) {
    if (!isNew && begun) {
      return null;
    }
    int needed = Math.max(1, (length + bufferBytes - 1) / bufferBytes);
    if (needed > inUse - announced) {
      return null;
    }
    MemorySegment first = buffers.segment().asSlice((long) consumer * bufferBytes, bufferBytes);
    consumer = (consumer + needed) % SIZE;
    inUse -= needed;
    begun = true;
    return first;
  }
}
