package com.acme.offramp;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;

/** The driver of the Acme A1: a thin shell, as the SPI asks. */
public final class AcmeDriver implements RnicDriver {
  private static final int VENDOR_ID = 0xACE1;
  private static final int DEVICE_ID = 0x0001;

  /** For ServiceLoader; does nothing. */
  public AcmeDriver() {}

  @Override
  public String id() {
    return "acme";
  }

  @Override
  public SpiVersion compiledSpiVersion() {
    return new SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR);
  }

  @Override
  public boolean matches(Device device) {
    return device.kind() == Device.Kind.ADAPTER
        && device.vendorId() == VENDOR_ID
        && device.deviceId() == DEVICE_ID;
  }

  @Override
  public Rnic open(DriverContext context) throws RnicException {
    return new AcmeRnic(Adapter.open(context));
  }

  @Override
  public String description() {
    return "Acme A1";
  }
}
