package dev.offramp.runtime.device;

import dev.offramp.api.OfframpOptions;
import dev.offramp.spi.Device;
import dev.offramp.spi.port.DeviceWindow;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The adapters that drivers can serve in this process, by name. Whoever has a window onto one, such
 * as the emulator, provides it here; {@link OfframpOptions#rnic} names it. Safe for any thread.
 */
public final class Adapters {
  private static final Map<String, Provided> PROVIDED = new ConcurrentHashMap<>();

  private Adapters() {}

  /** One that was provided, and whether a driver has it. */
  private record Provided(
      Device device, DeviceWindow window, AtomicBoolean leased, FailureWatch failures) {}

  /**
   * Provides one until the registration is closed.
   *
   * @param device an adapter; its name is not in use yet
   * @param window must work until the registration is closed and every RNIC opened on it, too
   * @throws IllegalArgumentException when the device is no adapter, or its name is taken
   */
  public static Registration provide(Device device, DeviceWindow window) {
    if (device.kind() != Device.Kind.ADAPTER) {
      throw new IllegalArgumentException(
          "seen [%s] of kind %s, expected an adapter".formatted(device.name(), device.kind()));
    }
    boolean stream =
        List.of(OfframpOptions.HOST_RESIDENT, OfframpOptions.DETACHED).contains(device.name());
    Provided provided = new Provided(device, window, new AtomicBoolean(), new FailureWatch());
    if (stream || PROVIDED.putIfAbsent(device.name(), provided) != null) {
      throw new IllegalArgumentException(
          "an RNIC [" + device.name() + "] is there already; give the adapter another name");
    }
    return new Registration(provided);
  }

  /** Those that are provided now, by name. */
  public static List<Device> devices() {
    return new TreeSet<>(PROVIDED.keySet())
        .stream()
            .flatMap(name -> java.util.Optional.ofNullable(PROVIDED.get(name)).stream())
            .map(Provided::device)
            .toList();
  }

  /**
   * Takes one for a driver, which has it alone.
   *
   * @throws IllegalStateException when there is none of that name, or a driver has it already
   */
  public static Lease lease(String name) {
    Provided provided = PROVIDED.get(name);
    if (provided == null) {
      throw new IllegalStateException("the adapter [" + name + "] is gone; provide it again");
    }
    if (!provided.leased().compareAndSet(false, true)) {
      throw new IllegalStateException(
          "the adapter [" + name + "] is in use by another Offramp; close that one first");
    }
    return new Lease(provided);
  }

  /** An adapter's being there. */
  public static final class Registration implements AutoCloseable {
    private final Provided provided;

    private Registration(Provided provided) {
      this.provided = provided;
    }

    /** The adapter. */
    public Device device() {
      return provided.device();
    }

    /** The adapter is about to go: connections should be moved while they can be. */
    public void failing(String reason) {
      provided.failures().failing(reason);
    }

    /** Nobody can open it any more; an RNIC that is open on it works on. Idempotent. */
    @Override
    public void close() {
      PROVIDED.remove(provided.device().name(), provided);
    }
  }

  /** A driver's having an adapter. */
  public static final class Lease implements AutoCloseable {
    private final Provided provided;
    private final AtomicBoolean over = new AtomicBoolean();

    private Lease(Provided provided) {
      this.provided = provided;
    }

    /** The adapter's registers, memory and interrupts. */
    public DeviceWindow window() {
      return provided.window();
    }

    /** Where whoever provides it says that it fails. */
    public FailureWatch failures() {
      return provided.failures();
    }

    /** Another driver can have it now. Idempotent. */
    @Override
    public void close() {
      if (over.compareAndSet(false, true)) {
        provided.leased().set(false);
      }
    }
  }
}
