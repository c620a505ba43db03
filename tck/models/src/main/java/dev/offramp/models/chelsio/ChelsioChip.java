package dev.offramp.models.chelsio;

import dev.offramp.spi.Device;

/** Which chip is modelled. They differ only where the public drivers make a difference. */
public enum ChelsioChip {
  /** The fifth generation: T520-CR and others. */
  T5("t5", 0x5401, 0x0),
  /** The sixth generation: T6225-CR and others. */
  T6("t6", 0x6401, 0x0);

  private static final int VENDOR_ID = 0x1425;

  private final String deviceName;
  private final int deviceId;
  private final int revision;

  ChelsioChip(String deviceName, int deviceId, int revision) {
    this.deviceName = deviceName;
    this.deviceId = deviceId;
    this.revision = revision;
  }

  /** What an adapter with this chip says of itself; the ids are those of t4_pci_id_tbl.h. */
  public Device device() {
    return new Device(deviceName, Device.Kind.ADAPTER, VENDOR_ID, deviceId);
  }

  /** PL_REV, bits 3:0. */
  int revision() {
    return revision;
  }

  /** Where PL_WHOAMI has the function: SOURCEPF 10:8, T6_SOURCEPF 11:9 (t4_regs.h). */
  int sourceFunctionShift() {
    return this == T5 ? 8 : 9;
  }

  /**
   * The SMT index of a virtual interface's address (cxgb4_tp_smt_idx): T5 has two indices in a row
   * and firmware uses the even ones.
   */
  int smtIndex(int virtualInterface) {
    int number = virtualInterface & 0x7F;
    return this == T5 ? number << 1 : number;
  }
}
