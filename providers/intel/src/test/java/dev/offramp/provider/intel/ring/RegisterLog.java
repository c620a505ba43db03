package dev.offramp.provider.intel.ring;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A window that notes what is written to registers, and has nothing else. */
final class RegisterLog implements DeviceWindow {
  /** A register write. */
  record Write(long offset, int value) {}

  final List<Write> writes = new ArrayList<>();

  @Override
  public long sizeBytes(int bar) {
    return bar == 0 ? Long.MAX_VALUE : 0;
  }

  @Override
  public int read32(int bar, long offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long read64(int bar, long offset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write32(int bar, long offset, int value) {
    if (bar != 0) {
      throw new AssertionError("BAR " + bar);
    }
    writes.add(new Write(offset, value));
  }

  @Override
  public void write64(int bar, long offset, long value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DmaMapping map(MemorySegment segment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void onInterrupt(int vector, EventLoop loop, Runnable handler) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void fence() {}
}
