package dev.offramp.tck.zoo;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;

/** A context with other settings. */
record ContextWith(DriverContext context, Map<String, String> settings) implements DriverContext {
  @Override
  public Device device() {
    return context.device();
  }

  @Override
  public DeviceWindow window() {
    return context.window();
  }

  @Override
  public StreamPorts streams() {
    return context.streams();
  }

  @Override
  public EventLoops eventLoops() {
    return context.eventLoops();
  }

  @Override
  public long nanoTime() {
    return context.nanoTime();
  }

  @Override
  public RnicEvents events() {
    return context.events();
  }

  @Override
  public System.Logger logger() {
    return context.logger();
  }
}
