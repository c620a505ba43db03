package dev.offramp.benchmarks.posting;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A window whose register writes are plain memory while one thread posts, so that the device costs
 * that thread nothing. {@link #release} hands them to the device, in order: all that was posted is
 * really done, and a doorbell that did not come would show as work that never completes.
 */
final class HeldWindow implements DeviceWindow {
  private static final int CAPACITY = 1024;
  private static final int BURST_BYTES = 64;

  /** Widths of what was written; a burst comes from a slab. */
  private static final byte BITS_32 = 32;

  private static final byte BITS_64 = 64;
  private static final byte BURST = 0;

  private final DeviceWindow device;
  private final byte[] widths = new byte[CAPACITY];
  private final int[] bars = new int[CAPACITY];
  private final long[] offsets = new long[CAPACITY];
  private final long[] values = new long[CAPACITY];
  private final @Nullable DmaSlab[] sources = new @Nullable DmaSlab[CAPACITY];

  /** What a burst is written to: the write-combining buffer, so to speak. */
  private final MemorySegment burst;

  private int count;

  /** Others only compare themselves with it: whatever they see, they are not it. */
  private @Nullable Thread holder;

  /**
   * A window that holds nothing back yet.
   *
   * @param burst 64 bytes
   */
  HeldWindow(DeviceWindow device, MemorySegment burst) {
    this.device = device;
    this.burst = burst;
  }

  /** From now on what the calling thread writes is kept. */
  void hold() {
    holder = Thread.currentThread();
  }

  /** Writes what was kept; returns how many writes that were. */
  int release() {
    holder = null;
    int writes = count;
    count = 0;
    for (int i = 0; i < writes; i++) {
      DmaSlab source = sources[i];
      if (source != null) {
        device.write512(bars[i], offsets[i], source, values[i]);
        sources[i] = null;
      } else if (widths[i] == BITS_32) {
        device.write32(bars[i], offsets[i], (int) values[i]);
      } else {
        device.write64(bars[i], offsets[i], values[i]);
      }
    }
    return writes;
  }

  private boolean isHeld() {
    return Thread.currentThread() == holder;
  }

  private void keep(byte width, int bar, long offset, long value) {
    int index = count++;
    widths[index] = width;
    bars[index] = bar;
    offsets[index] = offset;
    values[index] = value;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    if (isHeld()) {
      keep(BITS_32, bar, offset, value);
    } else {
      device.write32(bar, offset, value);
    }
  }

  @Override
  public void write64(int bar, long offset, long value) {
    if (isHeld()) {
      keep(BITS_64, bar, offset, value);
    } else {
      device.write64(bar, offset, value);
    }
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    if (isHeld()) {
      MemorySegment.copy(source.segment(), sourceOffset, burst, 0, BURST_BYTES);
      sources[count] = source;
      keep(BURST, bar, offset, sourceOffset);
    } else {
      device.write512(bar, offset, source, sourceOffset);
    }
  }

  /** As the window of a model does it; what it costs is part of a doorbell. */
  @Override
  public void fence() {
    VarHandle.fullFence();
  }

  @Override
  public boolean reset() {
    return device.reset();
  }

  @Override
  public long sizeBytes(int bar) {
    return device.sizeBytes(bar);
  }

  @Override
  public int read32(int bar, long offset) {
    return device.read32(bar, offset);
  }

  @Override
  public long read64(int bar, long offset) {
    return device.read64(bar, offset);
  }

  @Override
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    return device.allocate(sizeBytes, alignmentBytes);
  }

  @Override
  public DmaMapping map(MemorySegment segment) {
    return device.map(segment);
  }

  @Override
  public void onInterrupt(int vector, EventLoop loop, Runnable handler) {
    device.onInterrupt(vector, loop, handler);
  }

  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    return device.await32(bar, offset, mask, value, deadline);
  }
}
