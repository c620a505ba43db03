package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;

/**
 * A function's mailbox: eight 64-bit data registers and a control register (t4_regs.h,
 * CIM_PF_MAILBOX_DATA and _CTRL; t4_hw.c, t4_wr_mbox_meat). A read of the control register takes
 * the mailbox when nobody has it. A 64-bit register shows eight bytes of a command as a big-endian
 * number. Safe for any thread.
 */
final class Mailbox {
  static final int DATA = 0x240;
  static final int CONTROL = 0x280;
  static final int BYTES = 64;

  private static final int WORDS = BYTES / 4;
  private static final int VALID = 1 << 3;
  private static final int OWNER = 3;
  private static final int FIRMWARE = 1;
  private static final int DRIVER = 2;

  private final AtomicIntegerArray data = new AtomicIntegerArray(WORDS);
  private final Faults faults;
  private final Consumer<byte[]> firmware;
  private volatile int control;

  /**
   * A mailbox that nobody has.
   *
   * @param firmware takes a command, on the driver's thread
   */
  Mailbox(Faults faults, Consumer<byte[]> firmware) {
    this.faults = faults;
    this.firmware = firmware;
  }

  static boolean covers(int offset) {
    return offset >= DATA && offset < CONTROL + 4;
  }

  synchronized int read(int offset) {
    if (offset == CONTROL) {
      if (faults.at(ChelsioFaults.MAILBOX_NO_OWNER) != Faults.NO_FAULT) {
        return 0;
      }
      if ((control & OWNER) == 0) {
        control = DRIVER;
      }
      return control;
    }
    return data.get(word(offset));
  }

  /** Firmware has the mailbox when a command is in it; nothing can be written then. */
  void write(int offset, int value) {
    boolean command = false;
    synchronized (this) {
      if ((control & OWNER) == FIRMWARE) {
        return;
      }
      if (offset == CONTROL) {
        control = value & (VALID | OWNER);
        command = control == (VALID | FIRMWARE);
      } else {
        data.set(word(offset), value);
      }
    }
    if (command) {
      firmware.accept(command());
    }
  }

  /** Firmware's answer. */
  synchronized void answer(byte[] reply) {
    MemorySegment from = MemorySegment.ofArray(reply);
    for (int i = 0; i < WORDS; i++) {
      data.set(i ^ 1, Be.get32(from, 4L * i));
    }
    control = VALID | DRIVER;
  }

  private byte[] command() {
    byte[] bytes = new byte[BYTES];
    MemorySegment to = MemorySegment.ofArray(bytes);
    for (int i = 0; i < WORDS; i++) {
      Be.put32(to, 4L * i, data.get(i ^ 1));
    }
    return bytes;
  }

  /** The low half of a 64-bit register is at the lower address, and its bytes come second. */
  private static int word(int offset) {
    return (offset - DATA) / 4;
  }
}
