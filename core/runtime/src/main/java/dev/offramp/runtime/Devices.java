package dev.offramp.runtime;

import dev.offramp.api.OfframpOptions;
import dev.offramp.spi.Device;
import java.util.List;

/** The devices that every machine has: streams. Adapters are brought by whoever emulates them. */
final class Devices {
  static final Device HOST_STREAM =
      new Device(OfframpOptions.HOST_RESIDENT, Device.Kind.HOST_STREAM, 0, 0);
  static final Device DETACHED_STREAM =
      new Device(OfframpOptions.DETACHED, Device.Kind.DETACHED_STREAM, 0, 0);
  static final List<Device> ALL = List.of(HOST_STREAM, DETACHED_STREAM);

  private Devices() {}
}
