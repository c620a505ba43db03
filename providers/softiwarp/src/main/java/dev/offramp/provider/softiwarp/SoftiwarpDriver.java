package dev.offramp.provider.softiwarp;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;

/** The shell that ServiceLoader finds. */
public final class SoftiwarpDriver implements RnicDriver {
  /** For ServiceLoader. */
  public SoftiwarpDriver() {}

  @Override
  public String id() {
    return "softiwarp";
  }

  @Override
  public SpiVersion compiledSpiVersion() {
    return new SpiVersion(SpiVersion.CURRENT_MAJOR, SpiVersion.CURRENT_MINOR);
  }

  /** Serves streams, on the host's sockets and in a namespace alike; no adapters. */
  @Override
  public boolean matches(Device device) {
    return device.kind() != Device.Kind.ADAPTER;
  }

  @Override
  public Rnic open(DriverContext context) throws RnicException {
    return new SoftiwarpRnic(context, SoftiwarpSettings.of(context.settings()));
  }

  @Override
  public String description() {
    return "software RNIC over a TCP byte stream";
  }
}
