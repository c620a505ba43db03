package dev.offramp.spi;

import org.apiguardian.api.API;

/**
 * A device, as seen before a driver is chosen.
 *
 * @param name the name by which users choose it
 * @param kind what it is
 * @param vendorId PCI vendor id; 0 for a stream
 * @param deviceId PCI device id; 0 for a stream
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Device(String name, Kind kind, int vendorId, int deviceId) {
  /** Kinds of devices. */
  public enum Kind {
    /** An adapter behind a {@link dev.offramp.spi.port.DeviceWindow}. */
    ADAPTER,
    /** The host's own sockets: TCP stays in the host's stack. */
    HOST_STREAM,
    /** A network namespace that takes connections over as an adapter would. */
    DETACHED_STREAM
  }
}
