package dev.offramp.cli.docs;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;
import java.time.Duration;

/** The driver of docs/vendor.md, as it stands there. */
public final class AcmeDriver implements RnicDriver {
  private static final int VENDOR_ID = 0xACE1;
  private static final int STATUS = 0x10;
  private static final int READY = 1;

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
    return device.kind() == Device.Kind.ADAPTER && device.vendorId() == VENDOR_ID;
  }

  @Override
  public Rnic open(DriverContext context) throws RnicException {
    int seen = context.window().await32(0, STATUS, READY, READY, Duration.ofSeconds(1));
    if ((seen & READY) == 0) {
      throw new RnicException(
          "%s: status register [%08x], expected bit 0 within 1 s; reset the adapter"
              .formatted(context.device().name(), seen));
    }
    return new AcmeRnic(context);
  }
}
