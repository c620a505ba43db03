package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The registers of BAR 0 besides mailboxes and doorbells (t4_regs.h). What the model gives no
 * meaning to keeps what is written. Safe for any thread.
 */
final class Registers {
  static final int SGE_CONTROL = 0x1008;
  static final int SGE_HOST_PAGE_SIZE = 0x100C;
  static final int SGE_EGRESS_QUEUES_PER_PAGE = 0x1010;
  static final int SGE_FL_BUFFER_SIZE0 = 0x1044;
  static final int SGE_INGRESS_RX_THRESHOLD = 0x10A0;
  static final int SGE_TIMER_VALUE_0_AND_1 = 0x10B8;
  static final int SGE_TIMER_VALUE_2_AND_3 = 0x10BC;
  static final int SGE_TIMER_VALUE_4_AND_5 = 0x10C0;
  static final int SGE_INGRESS_QUEUES_PER_PAGE = 0x10F4;
  static final int PCIE_FW = 0x30B8;
  static final int TP_TIMER_RESOLUTION = 0x7D90;
  static final int TP_MTU_TABLE = 0x7DE4;
  static final int TP_PIO_ADDR = 0x7E40;
  static final int TP_PIO_DATA = 0x7E44;
  static final int PL_WHOAMI = 0x19400;
  static final int PL_REV = 0x1943C;

  /** Indirect registers behind TP_PIO. */
  static final int TP_VLAN_PRI_MAP = 0x140;

  static final int TP_INGRESS_CONFIG = 0x141;

  /** FRAG, MPSHITTYPE, PROTOCOL, VLAN, PORT, FCOE: HW_TPL_FR_MT_PR_IV_P_FC of t4fw_api.h. */
  static final int DEFAULT_FILTER_MODE = 0x32B;

  private static final int MTUS = 16;
  private static final int READ_MTU = 0xFF;
  private static final int FW_INIT = 1 << 30;
  private static final int FW_ERR = 1 << 31;
  private static final int FW_MASTER_VALID = 1 << 15;
  private static final int STATUS_PAGE_128 = 1 << 17;
  private static final int PER_FUNCTION = 0x1111_1111;
  private static final int PAGE_SHIFT_BASE = 10;

  /** 4 KiB: 2 more than 10. */
  private static final int HOST_PAGE_CODE = 2;

  private final ChelsioChip chip;
  private final ChelsioOptions options;
  private final Faults faults;
  private final Map<Integer, Integer> plain = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> indirect = new ConcurrentHashMap<>();
  private final AtomicIntegerArray mtus = new AtomicIntegerArray(MTUS);
  private volatile int mtuShown;
  private volatile boolean master;
  private volatile boolean initialized;

  Registers(ChelsioChip chip, ChelsioOptions options, Faults faults) {
    this.chip = chip;
    this.options = options;
    this.faults = faults;
    reset();
  }

  /** What power-up, or FW_RESET_CMD, leaves. */
  void reset() {
    plain.clear();
    indirect.clear();
    for (int i = 0; i < MTUS; i++) {
      mtus.set(i, options.mtuTable().get(i));
    }
    mtuShown = 0;
    master = false;
    initialized = false;
    plain.put(SGE_CONTROL, 1 << 18 | 2 << 10);
    plain.put(SGE_HOST_PAGE_SIZE, PER_FUNCTION * HOST_PAGE_CODE);
    plain.put(SGE_EGRESS_QUEUES_PER_PAGE, PER_FUNCTION * options.egressPerPage());
    plain.put(SGE_INGRESS_QUEUES_PER_PAGE, PER_FUNCTION * options.ingressPerPage());
    plain.put(SGE_FL_BUFFER_SIZE0, 4096);
    plain.put(SGE_FL_BUFFER_SIZE0 + 4, 65536);
    plain.put(SGE_FL_BUFFER_SIZE0 + 8, 1536);
    plain.put(SGE_FL_BUFFER_SIZE0 + 12, 9216);
    plain.put(SGE_INGRESS_RX_THRESHOLD, 1 << 24 | 4 << 16 | 8 << 8 | 16);
    plain.put(SGE_TIMER_VALUE_0_AND_1, 5 << 16 | 10);
    plain.put(SGE_TIMER_VALUE_2_AND_3, 20 << 16 | 50);
    plain.put(SGE_TIMER_VALUE_4_AND_5, 100 << 16 | 200);
    plain.put(TP_TIMER_RESOLUTION, 0x000E_100E);
    indirect.put(TP_VLAN_PRI_MAP, DEFAULT_FILTER_MODE);
    indirect.put(TP_INGRESS_CONFIG, 0);
  }

  /** Firmware has a master. */
  void setMaster(boolean master) {
    this.master = master;
  }

  /** Firmware has carried out FW_INITIALIZE_CMD. */
  void setInitialized(boolean initialized) {
    this.initialized = initialized;
  }

  int read(int offset) {
    return switch (offset) {
      case PL_WHOAMI -> options.function() << chip.sourceFunctionShift();
      case PL_REV -> chip.revision();
      case PCIE_FW -> firmwareState();
      case TP_MTU_TABLE -> mtuShown << 24 | mtus.get(mtuShown);
      case TP_PIO_DATA -> indirect.getOrDefault(plain.getOrDefault(TP_PIO_ADDR, 0), 0);
      default -> plain.getOrDefault(offset, 0);
    };
  }

  void write(int offset, int value) {
    switch (offset) {
      case PL_WHOAMI, PL_REV, PCIE_FW -> {
        // Read-only.
      }
      case TP_MTU_TABLE -> writeMtu(value);
      case TP_PIO_DATA -> indirect.put(plain.getOrDefault(TP_PIO_ADDR, 0), value);
      default -> plain.put(offset, value);
    }
  }

  /** MTUINDEX 31:24, MTUVALUE 13:0; index 255 shows the entry that the value names. */
  private void writeMtu(int value) {
    int index = value >>> 24;
    if (index == READ_MTU) {
      mtuShown = value & MTUS - 1;
    } else if (index < MTUS) {
      mtus.set(index, value & 0x3FFF);
    }
  }

  private int firmwareState() {
    return (faults.at(ChelsioFaults.FIRMWARE_ERROR) != Faults.NO_FAULT ? FW_ERR : 0)
        | (initialized ? FW_INIT : 0)
        | (master ? FW_MASTER_VALID | options.function() << 12 : 0);
  }

  int mtu(int index) {
    return mtus.get(index);
  }

  /** An indirect register of TP. */
  int indirect(int index) {
    return indirect.getOrDefault(index, 0);
  }

  void setIndirect(int index, int value) {
    indirect.put(index, value);
  }

  /** Entries of 64 bytes at the end of an egress queue that are its status page. */
  int statusEntries() {
    return (read(SGE_CONTROL) & STATUS_PAGE_128) != 0 ? 2 : 1;
  }

  /** log2 of a doorbell page's bytes. */
  int pageShift() {
    return PAGE_SHIFT_BASE + nibble(SGE_HOST_PAGE_SIZE);
  }

  /** log2 of how many queues share a doorbell page. */
  int queuesPerPageShift(boolean egress) {
    return nibble(egress ? SGE_EGRESS_QUEUES_PER_PAGE : SGE_INGRESS_QUEUES_PER_PAGE);
  }

  /** Bytes of a free list's buffer by the code in its address, 0..15. */
  int freeListBytes(int code) {
    return read(SGE_FL_BUFFER_SIZE0 + 4 * code);
  }

  private int nibble(int offset) {
    return Be.bits(read(offset), 4 * options.function(), 4);
  }
}
