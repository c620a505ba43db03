package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.FwCommand;
import dev.offramp.provider.chelsio.wire.FwError;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The function's mailbox to the firmware (t4_hw.c, {@code t4_wr_mbox_meat}). A read of the control
 * register takes it when nobody has it; the command goes into eight 64-bit registers, each of which
 * shows eight bytes as a big-endian number; then firmware owns it until it has answered. Safe for
 * several threads, which take turns.
 *
 * <pre>
 * control: mbmsgvalid 3 | mbowner 1:0 (0 nobody, 1 firmware, 2 driver)
 * </pre>
 */
final class Mailbox {
  private static final ValueLayout.OfLong BE64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int VALID = 1 << 3;
  private static final int OWNER = 3;
  private static final int NOBODY = 0;
  private static final int FIRMWARE = 1;
  private static final int DRIVER = 2;
  private static final int PCIE_FW_ERR = 1 << 31;

  private final DeviceWindow window;
  private final LongSupplier clock;
  private final long timeoutNanos;
  private final long data;
  private final long control;
  private final String device;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean abandoned;

  /**
   * The mailbox of one function.
   *
   * @param device its name, for messages
   */
  Mailbox(DeviceWindow window, int pf, LongSupplier clock, long timeoutNanos, String device) {
    this.window = window;
    this.clock = clock;
    this.timeoutNanos = timeoutNanos;
    this.data = Registers.mailboxData(pf);
    this.control = Registers.mailboxControl(pf);
    this.device = device;
  }

  /** The device's name, for messages. */
  String device() {
    return device;
  }

  /** Memory for one command; an answer goes into the same bytes. */
  static MemorySegment buffer() {
    return MemorySegment.ofArray(new byte[FwCommand.MAX_BYTES]);
  }

  /**
   * Has the firmware carry a command out.
   *
   * @param name of the command, for messages
   * @throws RnicException when it refuses, or does not answer
   */
  <C extends FwCommand> C execute(C command, String name) throws RnicException {
    int retval = tryExecute(command, name);
    if (retval != 0) {
      throw new RnicException(
          "device [%s]: firmware command [%s] answered [%s], expected 0"
              .formatted(device, name, FwError.describe(retval)));
    }
    return command;
  }

  /**
   * Has the firmware carry a command out, or refuse it.
   *
   * @return {@link FwError}; 0 when it is done
   * @throws RnicException when it does not answer
   */
  int tryExecute(FwCommand command, String name) throws RnicException {
    lock.lock();
    try {
      take(name);
      int opcode = command.opcode();
      MemorySegment bytes = command.buffer();
      for (int at = 0; at < command.sizeBytes(); at += Long.BYTES) {
        window.write64(Registers.BAR0, data + at, bytes.get(BE64, at));
      }
      window.write32(Registers.BAR0, control, VALID | FIRMWARE);
      awaitAnswer(name);
      for (int at = 0; at < command.sizeBytes(); at += Long.BYTES) {
        bytes.set(BE64, at, window.read64(Registers.BAR0, data + at));
      }
      window.write32(Registers.BAR0, control, NOBODY);
      checkAnswer(command, opcode, name);
      return command.retval();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the firmware carry a command out that takes something back. Does nothing once the firmware
   * is known not to answer.
   *
   * @throws IllegalStateException when it refuses, or does not answer
   */
  void takeBack(FwCommand command, String name) {
    if (!abandoned) {
      try {
        execute(command, name);
      } catch (RnicException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }

  /** The firmware does not answer any more. */
  void abandon() {
    abandoned = true;
  }

  private void take(String name) throws RnicException {
    Patience patience = new Patience(clock, timeoutNanos);
    while (true) {
      int seen = readControl();
      if ((seen & OWNER) == DRIVER) {
        return;
      }
      if (patience.isOver()) {
        throw unanswered(name, seen, "mailbox owner [2], the driver");
      }
      patience.pause();
    }
  }

  private void awaitAnswer(String name) throws RnicException {
    Patience patience = new Patience(clock, timeoutNanos);
    while (true) {
      int seen = readControl();
      if ((seen & OWNER) == DRIVER) {
        if ((seen & VALID) != 0) {
          return;
        }
        // Firmware gave it up without an answer; the vendor's driver lets go and looks again.
        window.write32(Registers.BAR0, control, NOBODY);
      }
      if (patience.isOver()) {
        throw unanswered(name, seen, "an answer: bit 3, and owner [2]");
      }
      patience.pause();
    }
  }

  private int readControl() throws RnicException {
    int seen = window.read32(Registers.BAR0, control);
    if (seen == Registers.ALL_ONES) {
      abandon();
      throw gone(device, "mailbox control [%#x]".formatted(control));
    }
    return seen;
  }

  private void checkAnswer(FwCommand command, int opcode, String name) throws RnicException {
    int seen = command.opcode();
    if (seen == FwCommand.FW_DEBUG_CMD) {
      abandon();
      throw new RnicException(
          "device [%s]: firmware failed an assertion during [%s]; reset the adapter"
              .formatted(device, name));
    }
    if (seen != opcode) {
      throw new RnicException(
          "device [%s]: the answer to firmware command [%s] has opcode [%#04x], expected [%#04x];"
                  .formatted(device, name, seen, opcode)
              + " reset the adapter");
    }
  }

  private RnicException unanswered(String name, int seen, String expected) {
    abandon();
    int state = window.read32(Registers.BAR0, Registers.PCIE_FW);
    return new RnicException(
        "device [%s]: firmware command [%s]: mailbox control [%#x] is [%08x] after %d ms, expected %s;"
                .formatted(device, name, control, seen, timeoutNanos / 1_000_000, expected)
            + " PCIE_FW [%08x]%s; reset the adapter"
                .formatted(state, (state & PCIE_FW_ERR) != 0 ? ", firmware has failed" : ""));
  }

  /** The adapter does not answer on the bus any more. */
  static RnicException gone(String device, String where) {
    return new RnicException(
        "device [%s]: %s reads all ones: the adapter is gone; check its seat and its power"
            .formatted(device, where));
  }
}
