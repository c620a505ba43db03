package com.acme.offramp;

/** The adapter's registers: offsets in BAR 0. */
final class Registers {
  /** The only base address register. */
  static final int BAR = 0;

  /** Read, 32 bits: which adapter this is. */
  static final long ID = 0x00;

  static final int ID_VALUE = 0xACE1_0001;

  /** Read, 32 bits: bit 0 is set when the adapter is up. */
  static final long STATUS = 0x04;

  static final int READY = 1;

  /** Written, 32 bits: {@link #RESET} ends all that the adapter does, its DMA too, silently. */
  static final long CONTROL = 0x08;

  static final int RESET = 1;

  /** Written, 64 bits: the device address of a command, which the adapter carries out. */
  static final long ADMIN = 0x10;

  /** Written, 32 bits: the queue pair with this number begins to send and receive. */
  static final long START = 0x18;

  /** Written, 32 bits: the queue pair finishes what was posted and sends a FIN. */
  static final long CLOSE = 0x1C;

  /** Written, 64 bits: queue pair number above, count of all posted work below. */
  static final long SEND_DOORBELL = 0x20;

  static final long RECEIVE_DOORBELL = 0x28;

  /** All ones: what a read gives when the adapter has gone. */
  static final int GONE = -1;

  private Registers() {}
}
