package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * A window behind which is nobody but a control queue that can be created and destroyed: memory is
 * memory, other writes are lost, other reads give 0.
 */
public final class IdleWindow implements DeviceWindow {
  private static final long BAR_BYTES = 8L << 20;
  private static final long FIRST_ADDRESS = 0x1_0000_0000L;
  private static final long STEP_BYTES = 1 << 20;

  private final Registers registers;
  private long nextAddress = FIRST_ADDRESS;
  private int contextHigh;
  private int status;

  /** The registers are where the generation has them. */
  public IdleWindow(Generation generation) {
    registers = generation.registers();
  }

  @Override
  public long sizeBytes(int bar) {
    return BAR_BYTES;
  }

  @Override
  public int read32(int bar, long offset) {
    return offset == registers.ccqpStatus() ? status : 0;
  }

  @Override
  public long read64(int bar, long offset) {
    return 0;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    check(offset, Integer.BYTES);
    if (offset == registers.ccqpHigh()) {
      contextHigh = value;
    } else if (offset == registers.ccqpLow()) {
      status = (contextHigh | value) == 0 ? 0 : 1;
    }
  }

  @Override
  public void write64(int bar, long offset, long value) {
    check(offset, Long.BYTES);
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    check(offset, 64);
  }

  private static void check(long offset, int bytes) {
    if (offset < 0 || offset % bytes != 0 || offset > BAR_BYTES - bytes) {
      throw new IllegalArgumentException("a write at [%#x]".formatted(offset));
    }
  }

  @Override
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    long address = nextAddress;
    nextAddress += (sizeBytes + STEP_BYTES - 1) & -STEP_BYTES;
    MemorySegment segment = Arena.ofAuto().allocate(sizeBytes, alignmentBytes);
    return new DmaSlab() {
      @Override
      public MemorySegment segment() {
        return segment;
      }

      @Override
      public long deviceAddress() {
        return address;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public DmaMapping map(MemorySegment segment) {
    throw new UnsupportedOperationException("seen [map], expected slabs only");
  }

  @Override
  public void onInterrupt(int vector, EventLoop loop, Runnable handler) {}

  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    return read32(bar, offset);
  }

  @Override
  public void fence() {}
}
