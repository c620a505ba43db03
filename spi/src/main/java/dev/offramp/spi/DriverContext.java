package dev.offramp.spi;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;
import org.apiguardian.api.API;

/** All that a driver gets for one device. Valid until the {@link Rnic} is closed. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface DriverContext {
  Device device();

  /**
   * The registers, memory and events of an adapter.
   *
   * @throws IllegalStateException when the device is a stream
   */
  DeviceWindow window();

  /**
   * The streams of a software RNIC.
   *
   * @throws IllegalStateException when the device is an adapter
   */
  StreamPorts streams();

  /** Threads that a driver may work on; it makes none of its own. */
  EventLoops eventLoops();

  /** Nanoseconds of a monotonic clock; the only clock that a driver reads. */
  long nanoTime();

  /** Whom to tell of rare events: the end of a stream, regions, stalls. */
  default RnicEvents events() {
    return RnicEvents.NONE;
  }

  /** The driver's log. */
  System.Logger logger();

  /** The user's settings whose names begin with the driver's id and a dot, without that prefix. */
  Map<String, String> settings();
}
