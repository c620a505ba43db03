package dev.offramp.provider.chelsio.adapter;

/** Registers in BAR0 by their names in t4_regs.h. */
final class Registers {
  static final int BAR0 = 0;

  static final int SGE_CONTROL = 0x1008;
  static final int SGE_HOST_PAGE_SIZE = 0x100C;
  static final int SGE_EGRESS_QUEUES_PER_PAGE_PF = 0x1010;
  static final int SGE_FL_BUFFER_SIZE0 = 0x1044;
  static final int SGE_INGRESS_QUEUES_PER_PAGE_PF = 0x10F4;
  static final int PCIE_FW = 0x30B8;
  static final int TP_MTU_TABLE = 0x7DE4;
  static final int TP_PIO_ADDR = 0x7E40;
  static final int TP_PIO_DATA = 0x7E44;
  static final int PL_WHOAMI = 0x19400;
  static final int PL_REV = 0x1943C;

  /** Behind TP_PIO: which parts of a header a compressed filter tuple has. */
  static final int TP_VLAN_PRI_MAP = 0x140;

  /** CIM_PF_MAILBOX_DATA and _CTRL of function 0; the next function's are 0x400 further. */
  private static final int PF0_MAILBOX_DATA = 0x1E240;

  private static final int PF0_MAILBOX_CTRL = 0x1E280;
  private static final int PF_STRIDE = 0x400;

  /** What PCI answers for a device that is not there. */
  static final int ALL_ONES = -1;

  private Registers() {}

  static long mailboxData(int pf) {
    return PF0_MAILBOX_DATA + (long) PF_STRIDE * pf;
  }

  static long mailboxControl(int pf) {
    return PF0_MAILBOX_CTRL + (long) PF_STRIDE * pf;
  }
}
