package dev.offramp.runtime;

import dev.offramp.api.OfframpOptions;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.spi.Device;
import java.util.List;
import java.util.stream.Stream;

/** The devices of this process: the streams that every machine has, and the adapters provided. */
final class Devices {
  static final Device HOST_STREAM =
      new Device(OfframpOptions.HOST_RESIDENT, Device.Kind.HOST_STREAM, 0, 0);
  static final Device DETACHED_STREAM =
      new Device(OfframpOptions.DETACHED, Device.Kind.DETACHED_STREAM, 0, 0);

  private Devices() {}

  /** Those that are there now. */
  static List<Device> all() {
    return Stream.concat(Stream.of(HOST_STREAM, DETACHED_STREAM), Adapters.devices().stream())
        .toList();
  }
}
