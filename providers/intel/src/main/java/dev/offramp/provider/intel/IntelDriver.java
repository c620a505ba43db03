package dev.offramp.provider.intel;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;

/** The shell that ServiceLoader finds. */
public final class IntelDriver implements RnicDriver {
  private static final int VENDOR_ID = 0x8086;

  /** For ServiceLoader; does nothing. */
  public IntelDriver() {}

  @Override
  public String id() {
    return "intel";
  }

  @Override
  public SpiVersion compiledSpiVersion() {
    return new SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR);
  }

  @Override
  public boolean matches(Device device) {
    return device.kind() == Device.Kind.ADAPTER && device.vendorId() == VENDOR_ID;
  }

  @Override
  public Rnic open(DriverContext context) throws RnicException {
    throw new RnicException("device [" + context.device().name() + "]: the driver is not complete");
  }

  @Override
  public String description() {
    return "Intel X722 and E810";
  }
}
