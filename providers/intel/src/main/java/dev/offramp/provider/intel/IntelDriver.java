package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The shell that ServiceLoader finds. Written from the vendor's public drivers; it has never met
 * silicon.
 */
public final class IntelDriver implements RnicDriver {
  private static final int VENDOR_ID = 0x8086;

  /** I40E_DEV_ID_*X722* of Linux' i40e_devids.h. */
  private static final Set<Integer> X722 =
      Set.of(0x37CE, 0x37CF, 0x37D0, 0x37D1, 0x37D2, 0x37D3, 0x0DDA);

  /** ICE_DEV_ID_E810* of Linux' ice_devids.h. */
  private static final Set<Integer> E810 = Set.of(0x1591, 0x1592, 0x1593, 0x1599, 0x159A, 0x159B);

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
    return generationOf(device) != null;
  }

  @Override
  public Rnic open(DriverContext context) throws RnicException {
    Generation generation = generationOf(context.device());
    if (generation == null) {
      throw new RnicException(
          "device [%s]: PCI id [%04x:%04x], expected an X722 or E810"
              .formatted(
                  context.device().name(),
                  context.device().vendorId(),
                  context.device().deviceId()));
    }
    return new IntelRnic(
        Adapter.open(context, generation, IntelSettings.of(generation, context.settings())));
  }

  private static @Nullable Generation generationOf(Device device) {
    if (device.kind() != Device.Kind.ADAPTER || device.vendorId() != VENDOR_ID) {
      return null;
    }
    if (X722.contains(device.deviceId())) {
      return Generation.X722;
    }
    return E810.contains(device.deviceId()) ? Generation.E810 : null;
  }

  @Override
  public String description() {
    return "Intel X722 and E810; never run on silicon";
  }
}
