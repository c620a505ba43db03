package dev.offramp.tck.bench;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that the driver gets. */
record KitContext(
    Device device,
    @Nullable DeviceWindow recordingWindow,
    @Nullable StreamPorts kitStreams,
    Conductor conductor,
    KitEvents kitEvents,
    System.Logger logger,
    Map<String, String> settings)
    implements DriverContext {

  @Override
  public DeviceWindow window() {
    DeviceWindow known = recordingWindow;
    if (known == null) {
      throw new IllegalStateException(
          "device [" + device.name() + "] is a stream and has no window; use streams()");
    }
    return known;
  }

  @Override
  public StreamPorts streams() {
    StreamPorts known = kitStreams;
    if (known == null) {
      throw new IllegalStateException(
          "device [" + device.name() + "] is an adapter and has no streams; use window()");
    }
    return known;
  }

  @Override
  public EventLoops eventLoops() {
    return conductor;
  }

  @Override
  public long nanoTime() {
    return conductor.look();
  }

  @Override
  public RnicEvents events() {
    return kitEvents;
  }
}
