package dev.offramp.spi;

import org.apiguardian.api.API;

/**
 * A vendor's entry: {@code provides dev.offramp.spi.RnicDriver with ...} in its module-info. A thin
 * shell with a public constructor without parameters that does nothing: no I/O, no device access.
 * Methods that later versions add are default methods, so a driver keeps compiling.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface RnicDriver {
  /** The driver's name: lower-case letters, digits, hyphens. Unique among the drivers present. */
  String id();

  /**
   * The SPI version that this driver was compiled against. Always written as {@code return new
   * SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR);}
   */
  SpiVersion compiledSpiVersion();

  /** Whether this driver serves {@code device}. Decides by what the device says of itself. */
  boolean matches(Device device);

  /**
   * Brings a device up.
   *
   * @param context the device's ports and the runtime's services
   * @throws RnicException when the device does not come up; all that was obtained is released
   */
  Rnic open(DriverContext context) throws RnicException;

  /** One line for people: which devices, which firmware. */
  default String description() {
    return id();
  }
}
