package dev.offramp.runtime;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;

/** What the driver of a stream gets. */
record StreamDriverContext(
    Device device,
    StreamPorts streams,
    EventLoops eventLoops,
    String driverId,
    Map<String, String> settings,
    RnicEvents events)
    implements DriverContext {
  @Override
  public DeviceWindow window() {
    throw new IllegalStateException(
        "device [" + device.name() + "] is a stream and has no window; use streams()");
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
