package dev.offramp.tck.zoo;

import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;
import java.util.function.Supplier;

/** An honest driver with one thing wrong. */
record WrongDriver(RnicDriver inner, Supplier<Defect> defects) implements RnicDriver {
  @Override
  public String id() {
    return defects.get().id(inner.id());
  }

  @Override
  public SpiVersion compiledSpiVersion() {
    return defects.get().spiVersion(inner.compiledSpiVersion());
  }

  @Override
  public boolean matches(Device device) {
    return defects.get().matches(device, inner.matches(device));
  }

  @Override
  public Rnic open(DriverContext context) throws RnicException {
    return new WrongRnic(inner, context, defects.get());
  }
}
