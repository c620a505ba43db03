package dev.offramp.emulator;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A chip without registers: a test does with the platform what a model's firmware would do. */
final class BareModel implements AdapterModel {
  private static final long PATIENCE_SECONDS = 60;
  private static final Device DEVICE = new Device("bare", Device.Kind.ADAPTER, 0xACE1, 2);

  private final ModelPlatform platform;

  private BareModel(ModelPlatform platform) {
    this.platform = platform;
  }

  static AdapterModelFactory factory() {
    return new AdapterModelFactory() {
      @Override
      public Device device() {
        return DEVICE;
      }

      @Override
      public String description() {
        return "no registers";
      }

      @Override
      public AdapterModel create(ModelPlatform platform) {
        return new BareModel(platform);
      }
    };
  }

  ModelPlatform platform() {
    return platform;
  }

  /** On the model's loop, as all of a model's work. */
  <T> T onLoop(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    platform.loop().execute(task);
    try {
      return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Override
  public Device device() {
    return DEVICE;
  }

  @Override
  public long barBytes(int bar) {
    return 0;
  }

  @Override
  public int read32(int bar, long offset) {
    return -1;
  }

  @Override
  public long read64(int bar, long offset) {
    return -1;
  }

  @Override
  public void write32(int bar, long offset, int value) {}

  @Override
  public void write64(int bar, long offset, long value) {}

  @Override
  public void write512(int bar, long offset, MemorySegment bytes) {}

  @Override
  public void close() {}
}
