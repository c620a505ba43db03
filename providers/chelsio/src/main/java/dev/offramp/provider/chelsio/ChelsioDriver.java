package dev.offramp.provider.chelsio;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.BringUp;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;
import java.security.SecureRandom;

/** The shell that ServiceLoader finds. */
public final class ChelsioDriver implements RnicDriver {
  private static final int VENDOR_ID = 0x1425;

  /** For ServiceLoader; does nothing. */
  public ChelsioDriver() {}

  @Override
  public String id() {
    return "chelsio";
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
    ChelsioSettings settings = ChelsioSettings.of(context.settings());
    Adapter adapter =
        BringUp.open(context, settings.port(), settings.replyNanos(), new SecureRandom());
    return new ChelsioRnic(adapter, settings.connection());
  }

  @Override
  public String description() {
    return "Chelsio T5 and T6";
  }
}
