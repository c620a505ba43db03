package dev.offramp.provider.chelsio.adapter;

import dev.offramp.spi.Device;
import dev.offramp.spi.RnicException;

/** The generations that this driver serves; they differ in a few codes only. */
public enum Chip {
  T5(0x5, 8),
  T6(0x6, 9);

  private static final int VERSION_SHIFT = 12;
  private static final int PF_MASK = 7;
  private static final int VI_NUMBER_MASK = 0x7F;

  private final int version;
  private final int sourcePfShift;

  Chip(int version, int sourcePfShift) {
    this.version = version;
    this.sourcePfShift = sourcePfShift;
  }

  /**
   * The chip of a device, by {@code CHELSIO_PCI_ID_VER} of its device id.
   *
   * @throws RnicException when it is another generation
   */
  static Chip of(Device device) throws RnicException {
    int seen = device.deviceId() >>> VERSION_SHIFT;
    for (Chip chip : values()) {
      if (chip.version == seen) {
        return chip;
      }
    }
    throw new RnicException(
        "device [%s]: PCI device id [%04x], expected 5xxx (T5) or 6xxx (T6)"
            .formatted(device.name(), device.deviceId()));
  }

  /** Whether it is the sixth generation. */
  public boolean isT6() {
    return this == T6;
  }

  /** The PCI function in PL_WHOAMI: SOURCEPF 10:8, T6_SOURCEPF 11:9. */
  int function(int whoAmI) {
    return whoAmI >>> sourcePfShift & PF_MASK;
  }

  /**
   * Where the address of a virtual interface lies in the table of source addresses ({@code
   * cxgb4_tp_smt_idx}): T5 uses every second one.
   */
  int sourceMacIndex(int viid) {
    int number = viid & VI_NUMBER_MASK;
    return isT6() ? number : number << 1;
  }
}
