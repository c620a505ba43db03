package dev.offramp.tck.bench;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A device that nobody knows: its registers hold what was written to them, and nothing ever
 * happens. Enough to see what a driver without a model would tell its device.
 */
final class AgreeableModel implements AdapterModel {
  private static final long BAR_BYTES = 1L << 32;
  private static final int BARS = 6;

  private final Device device;
  private final Map<Long, Integer> registers = new ConcurrentHashMap<>();

  private AgreeableModel(Device device) {
    this.device = device;
  }

  /** Makes them for {@code device}. */
  static AdapterModelFactory factory(Device device) {
    return new AdapterModelFactory() {
      @Override
      public Device device() {
        return device;
      }

      @Override
      public String description() {
        return "registers that hold what is written; no model";
      }

      @Override
      public AdapterModel create(ModelPlatform platform) {
        return new AgreeableModel(device);
      }
    };
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public long barBytes(int bar) {
    return bar >= 0 && bar < BARS ? BAR_BYTES : 0;
  }

  @Override
  public int read32(int bar, long offset) {
    return registers.getOrDefault(key(bar, offset), 0);
  }

  @Override
  public long read64(int bar, long offset) {
    return ((long) read32(bar, offset + Integer.BYTES) << Integer.SIZE)
        | Integer.toUnsignedLong(read32(bar, offset));
  }

  @Override
  public void write32(int bar, long offset, int value) {
    registers.put(key(bar, offset), value);
  }

  @Override
  public void write64(int bar, long offset, long value) {
    write32(bar, offset, (int) value);
    write32(bar, offset + Integer.BYTES, (int) (value >>> Integer.SIZE));
  }

  @Override
  public void write512(int bar, long offset, MemorySegment bytes) {
    // The recording has it; no register holds it.
  }

  @Override
  public void close() {
    registers.clear();
  }

  private static long key(int bar, long offset) {
    return ((long) bar << 40) | offset;
  }
}
