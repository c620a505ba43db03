package com.acme.offramp;

import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.io.IOException;
import java.io.Serial;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The adapter that is up: its registers, and one command at a time. Safe for several threads; every
 * wait ends.
 */
final class Adapter {
  private static final Duration UP_DEADLINE = Duration.ofSeconds(1);
  private static final long COMMAND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
  private static final int SPINS = 100;

  private final DriverContext context;
  private final DeviceWindow window;
  private final DmaSlab command;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Consumer<IOException> onFailure = why -> {};
  private boolean stopped;

  private Adapter(DriverContext context, DmaSlab command) {
    this.context = context;
    this.window = context.window();
    this.command = command;
  }

  /**
   * Brings an adapter up.
   *
   * @throws RnicException when it is another one, or silent; nothing is left behind
   */
  static Adapter open(DriverContext context) throws RnicException {
    DeviceWindow window = context.window();
    String name = context.device().name();
    int id = window.read32(Registers.BAR, Registers.ID);
    if (id != Registers.ID_VALUE) {
      throw new RnicException(
          "%s: id register [%08x], expected [%08x]; %s"
              .formatted(
                  name,
                  id,
                  Registers.ID_VALUE,
                  id == Registers.GONE ? "the adapter has gone" : "the device is not the Acme A1"));
    }
    int status =
        window.await32(
            Registers.BAR, Registers.STATUS, Registers.READY, Registers.READY, UP_DEADLINE);
    if ((status & Registers.READY) == 0 || status == Registers.GONE) {
      throw new RnicException(
          "%s: status register [%08x], expected bit 0 within %s; reset the adapter"
              .formatted(name, status, UP_DEADLINE));
    }
    try {
      return new Adapter(context, window.allocate(AdminCommand.BYTES, AdminCommand.BYTES));
    } catch (OutOfDeviceMemoryException e) {
      throw new RnicException(name + ": no memory for commands: " + e.getMessage(), e);
    }
  }

  DriverContext context() {
    return context;
  }

  DeviceWindow window() {
    return window;
  }

  String name() {
    return context.device().name();
  }

  /** Says who is told when the adapter was stopped because it failed: all connections are over. */
  void onFailure(Consumer<IOException> listener) {
    onFailure = listener;
  }

  /** Writes a command's parameters into memory that is all zeros. */
  @FunctionalInterface
  interface Parameters {
    void write(MemorySegment command);
  }

  /**
   * Has the adapter carry out a command.
   *
   * @param what for messages
   * @param result which word of the command to return
   * @throws IOException when it refuses, or does not answer; then it has failed
   */
  int run(String what, int opcode, Parameters parameters, long result) throws IOException {
    try {
      return tryRun(what, opcode, parameters, result);
    } catch (SilentException e) {
      fail(e);
      throw e;
    }
  }

  /**
   * Has the adapter carry out a command that ends the use of memory. When it does not, the adapter
   * has failed and is stopped, so the use has ended in any case.
   */
  void runOrFail(String what, int opcode, Parameters parameters) {
    try {
      tryRun(what, opcode, parameters, AdminCommand.STATUS);
    } catch (IOException e) {
      fail(e);
    }
  }

  private int tryRun(String what, int opcode, Parameters parameters, long result)
      throws IOException {
    lock.lock();
    try {
      if (stopped) {
        throw new IOException(
            "%s: %s not tried; the adapter is stopped, open it again".formatted(name(), what));
      }
      MemorySegment words = command.segment();
      words.fill((byte) 0);
      words.set(Words.U32, AdminCommand.OPCODE, opcode);
      parameters.write(words);
      window.fence();
      window.write64(Registers.BAR, Registers.ADMIN, command.deviceAddress());
      int status = awaitStatus();
      if (status == AdminCommand.PENDING) {
        throw new SilentException(
            "%s: %s: status word [0] for %d ms, expected [1]; the adapter is stopped, open it again"
                .formatted(name(), what, TimeUnit.NANOSECONDS.toMillis(COMMAND_NANOS)));
      }
      if (status != AdminCommand.DONE) {
        throw new IOException(
            "%s: %s: status word [%d], expected [1]; see the adapter's manual"
                .formatted(name(), what, status));
      }
      return words.get(Words.U32, result);
    } finally {
      lock.unlock();
    }
  }

  private int awaitStatus() {
    long begin = context.nanoTime();
    for (int turn = 0; ; turn++) {
      int status = Words.acquire(command.segment(), AdminCommand.STATUS);
      if (status != AdminCommand.PENDING || context.nanoTime() - begin >= COMMAND_NANOS) {
        return status;
      }
      if (turn < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void fail(IOException why) {
    if (stop()) {
      context.logger().log(System.Logger.Level.ERROR, why.getMessage());
      onFailure.accept(why);
    }
  }

  /**
   * Ends all that the adapter does; false when that was done before. From now on no memory is in
   * use by it.
   */
  private boolean stop() {
    lock.lock();
    try {
      if (stopped) {
        return false;
      }
      stopped = true;
      window.write32(Registers.BAR, Registers.CONTROL, Registers.RESET);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Stops the adapter and gives back what it has. Idempotent. */
  void close() {
    stop();
    command.close();
  }

  /** No answer: nobody knows what the adapter does. */
  private static final class SilentException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    SilentException(String message) {
      super(message);
    }
  }
}
