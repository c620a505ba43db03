package dev.offramp.provider.chelsio;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Has another thread carry doorbells to a model, which allocates when it is written to: what the
 * driver's thread allocates is the driver's then. For one writing thread at a time.
 */
final class PostedWindow extends ForwardingWindow implements AutoCloseable {
  private static final int SLOTS = 1024;
  private static final int DOORBELLS = 2;

  private final long[] offsets = new long[SLOTS];
  private final int[] values = new int[SLOTS];
  private final @Nullable DmaSlab[] slabs = new @Nullable DmaSlab[SLOTS];
  private final long[] slabOffsets = new long[SLOTS];
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong carried = new AtomicLong();
  private final Thread carrier;
  private volatile boolean closed;

  PostedWindow(DeviceWindow window) {
    super(window);
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
        super.write32(DOORBELLS, offsets[slot], values[slot]);
      } else {
        super.write512(DOORBELLS, offsets[slot], slab, slabOffsets[slot]);
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
      super.write32(bar, offset, value);
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
}
