package dev.offramp.models;

import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Registers that keep what is written; one at 0x40 raises interrupts, and takes bursts. */
final class ToyModel implements AdapterModel {
  static final int RAISE = 0x40;
  private static final int BAR_BYTES = 0x1000;

  private final ModelPlatform platform;
  private final Map<Long, Integer> registers = new ConcurrentHashMap<>();
  volatile boolean closed;

  private ToyModel(ModelPlatform platform) {
    this.platform = platform;
  }

  static AdapterModelFactory factory() {
    return new AdapterModelFactory() {
      @Override
      public Device device() {
        return new Device("toy", Device.Kind.ADAPTER, 0xACE1, 1);
      }

      @Override
      public String description() {
        return "a toy";
      }

      @Override
      public AdapterModel create(ModelPlatform platform) {
        return new ToyModel(platform);
      }
    };
  }

  @Override
  public Device device() {
    return factory().device();
  }

  @Override
  public long barBytes(int bar) {
    return bar == 0 ? BAR_BYTES : 0;
  }

  @Override
  public int read32(int bar, long offset) {
    return registers.getOrDefault(offset, 0);
  }

  @Override
  public long read64(int bar, long offset) {
    return (read32(bar, offset) & 0xFFFF_FFFFL) | (long) read32(bar, offset + 4) << 32;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    if (offset == RAISE) {
      platform.interrupts().raise(value);
    }
    registers.put(offset, value);
  }

  @Override
  public void write64(int bar, long offset, long value) {
    registers.put(offset, (int) value);
    registers.put(offset + 4, (int) (value >>> 32));
  }

  @Override
  public void write512(int bar, long offset, MemorySegment bytes) {
    for (int i = 0; i < 16; i++) {
      registers.put(offset + 4L * i, bytes.getAtIndex(ValueLayout.JAVA_INT, i));
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
