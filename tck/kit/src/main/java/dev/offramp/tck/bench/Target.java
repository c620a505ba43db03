package dev.offramp.tck.bench;

import dev.offramp.models.AdapterModelFactory;
import dev.offramp.spi.Device;
import dev.offramp.spi.RnicDriver;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A device of the kit that a driver serves.
 *
 * @param device what it says of itself
 * @param model what stands for it; empty for a stream, and for a device that nobody has a model of
 * @param driver makes the driver, anew for each bench
 */
public record Target(
    Device device, Optional<AdapterModelFactory> model, Supplier<RnicDriver> driver) {
  public boolean isAdapter() {
    return device.kind() == Device.Kind.ADAPTER;
  }

  /** Whether what the driver does can reach a peer. */
  public boolean hasWire() {
    return !isAdapter() || model.isPresent();
  }

  @Override
  public String toString() {
    return device.name();
  }
}
