package dev.offramp.runtime;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;

/** What the driver of an adapter gets. */
record AdapterDriverContext(
    Device device,
    DeviceWindow window,
    EventLoops eventLoops,
    String driverId,
    Map<String, String> settings,
    RnicEvents events)
    implements DriverContext {
  @Override
  public StreamPorts streams() {
    throw new IllegalStateException(
        "device [" + device.name() + "] is an adapter and has no streams; use window()");
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public System.Logger logger() {
    return System.getLogger("dev.offramp.provider." + driverId);
  }
}
