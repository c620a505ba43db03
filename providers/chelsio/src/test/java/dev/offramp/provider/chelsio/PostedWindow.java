package dev.offramp.provider.chelsio;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Has another thread carry doorbells to a model, which allocates when it is written to: what the
 * driver's thread allocates is the driver's then. For one writing thread at a time.
 */
final class PostedWindow implements DeviceWindow, AutoCloseable {
  private static final int SLOTS = 1024;
  private static final int DOORBELLS = 2;

  private final DeviceWindow window;
  private final long[] offsets = new long[SLOTS];
  private final int[] values = new int[SLOTS];
  private final @Nullable DmaSlab[] slabs = new @Nullable DmaSlab[SLOTS];
  private final long[] slabOffsets = new long[SLOTS];
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong carried = new AtomicLong();
  private final Thread carrier;
  private volatile boolean closed;

  PostedWindow(DeviceWindow window) {
    this.window = window;
    this.carrier = Thread.ofPlatform().name("carrier").daemon(true).start(this::carry);
  }

  private void carry() {
    while (!closed || carried.get() < written.get()) {
      long next = carried.get();
      if (next == written.get()) {
        Thread.onSpinWait();
        continue;
      }
      int slot = (int) (next % SLOTS);
      DmaSlab slab = slabs[slot];
      if (slab == null) {
        window.write32(DOORBELLS, offsets[slot], values[slot]);
      } else {
        window.write512(DOORBELLS, offsets[slot], slab, slabOffsets[slot]);
      }
      carried.set(next + 1);
    }
  }

  private synchronized void post(long offset, int value, @Nullable DmaSlab slab, long slabOffset) {
    long next = written.get();
    while (next - carried.get() == SLOTS) {
      Thread.onSpinWait();
    }
    int slot = (int) (next % SLOTS);
    offsets[slot] = offset;
    values[slot] = value;
    slabs[slot] = slab;
    slabOffsets[slot] = slabOffset;
    written.set(next + 1);
  }

  /** Waits until all that was written has reached the model. */
  void awaitCarried() {
    while (carried.get() < written.get()) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void write32(int bar, long offset, int value) {
    if (bar == DOORBELLS) {
      post(offset, value, null, 0);
    } else {
      window.write32(bar, offset, value);
    }
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    post(offset, 0, source, sourceOffset);
  }

  @Override
  public void close() {
    closed = true;
    try {
      carrier.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public long sizeBytes(int bar) {
    return window.sizeBytes(bar);
  }

  @Override
  public int read32(int bar, long offset) {
    return window.read32(bar, offset);
  }

  @Override
  public long read64(int bar, long offset) {
    return window.read64(bar, offset);
  }

  @Override
  public void write64(int bar, long offset, long value) {
    window.write64(bar, offset, value);
  }

  @Override
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    return window.allocate(sizeBytes, alignmentBytes);
  }

  @Override
  public DmaMapping map(MemorySegment segment) {
    return window.map(segment);
  }

  @Override
  public void onInterrupt(int vector, EventLoop loop, Runnable handler) {
    window.onInterrupt(vector, loop, handler);
  }

  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    return window.await32(bar, offset, mask, value, deadline);
  }

  @Override
  public void fence() {
    window.fence();
  }
}
