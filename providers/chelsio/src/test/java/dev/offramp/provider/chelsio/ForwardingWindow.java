package dev.offramp.provider.chelsio;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Passes all on to another window; for windows between driver and model that change one thing. */
class ForwardingWindow implements DeviceWindow {
  private final DeviceWindow window;

  ForwardingWindow(DeviceWindow window) {
    this.window = window;
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
  public void write32(int bar, long offset, int value) {
    window.write32(bar, offset, value);
  }

  @Override
  public void write64(int bar, long offset, long value) {
    window.write64(bar, offset, value);
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    window.write512(bar, offset, source, sourceOffset);
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

  @Override
  public boolean reset() {
    return window.reset();
  }
}
