package dev.offramp.runtime;

import dev.offramp.api.OfframpOptions;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.spi.Device;
import dev.offramp.spi.RnicException;
import java.util.List;
import java.util.stream.Stream;

/** The devices of this process: the streams that every machine has, and the adapters provided. */
final class Devices {
  static final Device HOST_STREAM =
      new Device(OfframpOptions.HOST_RESIDENT, Device.Kind.HOST_STREAM, 0, 0);
  static final Device DETACHED_STREAM =
      new Device(OfframpOptions.DETACHED, Device.Kind.DETACHED_STREAM, 0, 0);
  private static final List<Device> STREAMS = List.of(HOST_STREAM, DETACHED_STREAM);

  /** Stands between the name of an RNIC and the number of an instance: {@code softiwarp:2}. */
  private static final char INSTANCE = ':';

  private static final int MAX_INSTANCE = 999;

  private Devices() {}

  /** Those that are there now. */
  static List<Device> all() {
    return Stream.concat(STREAMS.stream(), Adapters.devices().stream()).toList();
  }

  /**
   * The device with a name: one of {@link #all}, or a further instance of a stream, which has a
   * table of STags and connections of its own.
   *
   * @throws RnicException when there is none
   */
  static Device named(String name) throws RnicException {
    List<Device> devices = all();
    for (Device device : devices) {
      if (device.name().equals(name)) {
        return device;
      }
    }
    String kind = kindOf(name);
    for (Device device : STREAMS) {
      if (device.name().equals(kind) && isInstance(instanceSuffix(name))) {
        return new Device(name, device.kind(), 0, 0);
      }
    }
    throw new RnicException(
        "no RNIC ["
            + name
            + "]; there are: "
            + devices.stream().map(Device::name).toList()
            + ", and further instances of the streams, as in ["
            + HOST_STREAM.name()
            + INSTANCE
            + "2]");
  }

  /** The name without the instance. */
  static String kindOf(String name) {
    int at = name.indexOf(INSTANCE);
    return at < 0 ? name : name.substring(0, at);
  }

  /** The instance with its sign, or nothing. */
  static String instanceSuffix(String name) {
    return name.substring(kindOf(name).length());
  }

  private static boolean isInstance(String suffix) {
    return suffix.isEmpty()
        || (suffix.matches(":[1-9][0-9]{0,2}")
            && Integer.parseInt(suffix.substring(1)) <= MAX_INSTANCE);
  }
}
