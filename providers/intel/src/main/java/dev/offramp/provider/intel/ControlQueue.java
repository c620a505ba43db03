package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CqpContext;
import dev.offramp.provider.intel.layout.CqpWqe;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.ring.ControlCompletion;
import dev.offramp.provider.intel.ring.ControlCompletionRing;
import dev.offramp.provider.intel.ring.ControlRing;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The control queue pair: commands in, completions out. Safe for several threads; its lock is taken
 * after any connection's, and nothing is called back while it is held. A command that the device
 * does not answer in time breaks the queue for good: what the device does with it later nobody
 * could tell. {@link Breakdown} says what is done then; commands fail when that is over.
 */
final class ControlQueue implements AutoCloseable {
  private static final int ENTRIES = 256;
  private static final int ALIGNMENT = 4096;
  private static final int STRUCT_VERSION = 0;
  private static final int ALL_ONES = -1;

  private final DriverContext context;
  private final DeviceWindow window;
  private final Generation generation;
  private final long timeoutNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final DmaSlab slab;
  private final ControlRing ring;
  private final ControlCompletion completion = new ControlCompletion();

  /** By the commands' places; null where none is outstanding. */
  private final @Nullable Pending[] pending = new Pending[ENTRIES];

  private final Breakdown breakdown;
  private @Nullable ControlCompletionRing completions;
  private int oldest;

  /** Whether the device has been stopped, one way or the other. */
  private boolean stopped;

  /** Writes a command at its place. */
  @FunctionalInterface
  interface Command {
    void write(MemorySegment ring, long wqe, int valid);
  }

  /** A command that the device has. */
  private static final class Pending {
    final String name;
    final int opcode;
    final long deadlineNanos;
    final @Nullable Consumer<@Nullable CommandException> then;
    boolean rungAgain;
    volatile boolean done;
    volatile int result;
    volatile @Nullable CommandException error;

    Pending(
        String name,
        int opcode,
        long deadlineNanos,
        @Nullable Consumer<@Nullable CommandException> then) {
      this.name = name;
      this.opcode = opcode;
      this.deadlineNanos = deadlineNanos;
      this.then = then;
    }

    void finish(int value, @Nullable CommandException how) {
      result = value;
      error = how;
      done = true;
    }
  }

  private ControlQueue(
      DriverContext context, Generation generation, long timeoutNanos, Breakdown breakdown) {
    this.context = context;
    this.window = context.window();
    this.generation = generation;
    this.timeoutNanos = timeoutNanos;
    this.breakdown = breakdown;
    this.slab = window.allocate((long) ENTRIES * CqpWqe.BYTES + CqpContext.BYTES, ALIGNMENT);
    this.ring =
        new ControlRing(
            generation, slab.segment().asSlice(0, (long) ENTRIES * CqpWqe.BYTES), window);
  }

  /**
   * Creates the control queue on the device.
   *
   * @param breakdown what is done when the device answers no more
   * @throws RnicException when the device does not create it; nothing is left behind
   */
  static ControlQueue open(
      DriverContext context, Generation generation, long timeoutNanos, Breakdown breakdown)
      throws RnicException {
    ControlQueue queue = new ControlQueue(context, generation, timeoutNanos, breakdown);
    try {
      queue.create();
      return queue;
    } catch (RnicException | RuntimeException | Error e) {
      // The device knows the memory's address.
      queue.stop();
      queue.slab.close();
      throw e;
    }
  }

  private void create() throws RnicException {
    int status = register(generation.registers().ccqpStatus());
    requirePresent(status, "CCQPSTATUS");
    if (status != 0) {
      // Whoever had the device before did not stop it.
      destroy();
    }
    CqpContext.Settings settings = new CqpContext.Settings();
    settings.entries = ENTRIES;
    settings.queueAddress = slab.deviceAddress();
    settings.structVersion = STRUCT_VERSION;
    settings.majorVersion = generation.number() - 1;
    settings.protocol = CqpContext.PROTOCOL_IWARP;
    settings.context = slab.deviceAddress();
    long offset = (long) ENTRIES * CqpWqe.BYTES;
    CqpContext.write(generation, slab.segment(), offset, settings);
    CqpContext.create(generation, window, slab.deviceAddress() + offset);
    Patience.await(
        context::nanoTime, timeoutNanos, () -> register(generation.registers().ccqpStatus()) != 0);
    status = register(generation.registers().ccqpStatus());
    requirePresent(status, "CCQPSTATUS");
    if (Registers.CCQPSTATUS_CCQP_ERR.isSetIn(status)
        || !Registers.CCQPSTATUS_CCQP_DONE.isSetIn(status)) {
      int codes = register(generation.registers().cqpErrorCodes());
      stop();
      throw new RnicException(
          ("%s: the control queue was not created: CCQPSTATUS [%08x], CQPERRCODES [%08x], expected"
                  + " bit 0 and not bit 31 within %d ms; %s")
              .formatted(
                  context.device().name(),
                  status,
                  codes,
                  timeoutNanos / 1_000_000,
                  breakdown.isReset()
                      ? "its function has been reset, open it again"
                      : "reset the adapter"));
    }
  }

  private void requirePresent(int seen, String name) throws RnicException {
    if (seen == ALL_ONES) {
      throw new RnicException(
          ("%s: %s reads [ffffffff] at [%#x]: there is no %s here, or it is gone; expected a status"
                  + " register; see that the adapter is present and of this generation")
              .formatted(
                  context.device().name(), name, generation.registers().ccqpStatus(), generation));
    }
  }

  private int register(int offset) {
    return window.read32(Registers.BAR, offset);
  }

  /** What is done when the device answers no more. */
  Breakdown breakdown() {
    return breakdown;
  }

  /** The ring of commands, for who reads completions. */
  ControlRing ring() {
    return ring;
  }

  /** From now on commands complete in {@code ring}, the one that creates it among them. */
  void completeIn(ControlCompletionRing ring) {
    lock.lock();
    try {
      completions = ring;
    } finally {
      lock.unlock();
    }
  }

  /**
   * From now on commands complete by the tail register again. One that is outstanding has failed:
   * its thread came too late.
   */
  void completeInRegisters() {
    Pending lost;
    do {
      lock.lock();
      try {
        completions = null;
        lost = failOldest("the RNIC is being closed");
      } finally {
        lock.unlock();
      }
      if (lost != null) {
        tell(lost);
      }
    } while (lost != null);
  }

  /**
   * Runs a command, and waits until it is done.
   *
   * @param name for messages
   * @return what the command returns
   * @throws CommandException when it fails, or is not answered in time
   */
  int run(String name, Command command) throws CommandException {
    boolean byRegisters;
    lock.lock();
    try {
      byRegisters = completions == null;
    } finally {
      lock.unlock();
    }
    if (byRegisters) {
      return runByRegisters(name, command);
    }
    Pending mine = post(name, command, null);
    // At the deadline, at the latest, draining says that it has failed.
    Patience.await(
        context::nanoTime,
        Long.MAX_VALUE,
        () -> {
          drain();
          return mine.done;
        });
    CommandException error = mine.error;
    if (error != null) {
      throw error;
    }
    return mine.result;
  }

  /**
   * Runs a command that gives something back, once more when the device refuses: what it does not
   * let go of is lost until it is reset.
   *
   * @throws CommandException as {@link #run}
   */
  void insist(String name, Command command) throws CommandException {
    try {
      run(name, command);
    } catch (CommandException e) {
      if (e.majorError() == CommandException.SILENT) {
        throw e;
      }
      run(name, command);
    }
  }

  /**
   * Hands a command over, and goes on.
   *
   * @param then told how it ended, by {@link #drain} or {@link #fail}, without this queue's lock;
   *     null for success
   * @throws CommandException when it cannot be handed over; {@code then} is not told
   */
  void submit(String name, Command command, Consumer<@Nullable CommandException> then)
      throws CommandException {
    post(name, command, then);
  }

  private Pending post(
      String name, Command command, @Nullable Consumer<@Nullable CommandException> then)
      throws CommandException {
    boolean room =
        Patience.await(
            context::nanoTime,
            timeoutNanos,
            () -> {
              drain();
              return breakdown.reason() != null || hasRoom();
            });
    lock.lock();
    try {
      String broken = breakdown.reason();
      if (broken != null) {
        throw new CommandException(name + " cannot be given to the device: " + broken);
      }
      int index = room ? ring.reserve() : ControlRing.FULL;
      if (index == ControlRing.FULL) {
        throw new CommandException(
            "%s cannot be given to the device: all %d places of the control queue are in use"
                .formatted(name, ENTRIES));
      }
      long wqe = ControlRing.offset(index);
      command.write(ring.memory(), wqe, ring.polarity());
      Pending mine =
          new Pending(
              name, CqpWqe.opcode(ring.memory(), wqe), context.nanoTime() + timeoutNanos, then);
      pending[index] = mine;
      ring.ringDoorbell();
      return mine;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom() {
    lock.lock();
    try {
      return ring.outstanding() < ENTRIES - 1 && pending[ring.head()] == null;
    } finally {
      lock.unlock();
    }
  }

  private int runByRegisters(String name, Command command) throws CommandException {
    lock.lock();
    try {
      String broken = breakdown.reason();
      if (broken != null) {
        throw new CommandException(name + " cannot be given to the device: " + broken);
      }
      boolean erredBefore = hasErred(register(generation.registers().cqpTail()));
      int index = ring.reserve();
      if (index == ControlRing.FULL) {
        throw new CommandException(name + " cannot be given to the device: the queue is full");
      }
      command.write(ring.memory(), ControlRing.offset(index), ring.polarity());
      ring.ringDoorbell();
      int next = index + 1 & (ENTRIES - 1);
      int seen = awaitTail(next, erredBefore, timeoutNanos / 2);
      if (seen == ALL_ONES) {
        // As in checkDeadline.
        ring.ringDoorbell();
        seen = awaitTail(next, erredBefore, timeoutNanos - timeoutNanos / 2);
      }
      if (seen == ALL_ONES) {
        String reason =
            "%s: CQPTAIL reads [%08x], expected tail [%d] within %d ms"
                .formatted(
                    name,
                    register(generation.registers().cqpTail()),
                    next,
                    timeoutNanos / 1_000_000);
        breakdown.begin(reason);
        throw new CommandException(reason);
      }
      ring.completeOldest();
      oldest = next;
      if (hasErred(seen)) {
        int codes = register(generation.registers().cqpErrorCodes());
        throw new CommandException(
            name,
            Registers.CQPERRCODES_MAJOR.intIn(codes),
            Registers.CQPERRCODES_MINOR.intIn(codes),
            codes);
      }
      return 0;
    } finally {
      lock.unlock();
    }
  }

  private static boolean hasErred(int tail) {
    return Registers.CQPTAIL_CQP_OP_ERR.isSetIn(tail);
  }

  /**
   * Waits until the command before {@code next} is done. The register may still tell of an error
   * that one before had.
   *
   * @return what the register says then; all ones when that does not come to pass in time
   */
  private int awaitTail(int next, boolean erredBefore, long nanos) {
    int[] seen = {ALL_ONES};
    boolean done =
        Patience.await(
            context::nanoTime,
            nanos,
            () -> {
              int now = register(generation.registers().cqpTail());
              seen[0] = now;
              return now != ALL_ONES
                  && (Registers.CQPTAIL_WQTAIL.intIn(now) == next
                      || (hasErred(now) && !erredBefore));
            });
    return done ? seen[0] : ALL_ONES;
  }

  /** Takes what the device has completed, and tells those who wait. Never waits. */
  void drain() {
    while (true) {
      Pending finished = next();
      boolean over = breakdown.tell();
      if (finished != null) {
        tell(finished);
      } else if (!over) {
        return;
      }
    }
  }

  private @Nullable Pending next() {
    lock.lock();
    try {
      ControlCompletionRing from = completions;
      if (from == null) {
        return null;
      }
      while (from.poll(completion)) {
        int index = completion.wqeIndex();
        Pending owner = index < ENTRIES ? pending[index] : null;
        if (owner == null || completion.opcode() != owner.opcode) {
          context
              .logger()
              .log(
                  System.Logger.Level.WARNING,
                  "a completion of command [{0}] that was never given; ignored",
                  index);
          continue;
        }
        pending[index] = null;
        ring.completeOldest();
        advance();
        owner.finish(completion.result(), errorOf(owner));
        return owner;
      }
      Pending waiting = pending[oldest];
      if (waiting != null) {
        checkDeadline(waiting);
      }
      String broken = breakdown.settled();
      return broken == null ? null : failOldest(broken);
    } finally {
      lock.unlock();
    }
  }

  private void checkDeadline(Pending waiting) {
    long left = waiting.deadlineNanos - context.nanoTime();
    if (left <= 0) {
      breakdown.begin(
          "%s was not answered within %d ms: no completion with the expected valid bit"
              .formatted(waiting.name, timeoutNanos / 1_000_000));
    } else if (left <= timeoutNanos / 2 && !waiting.rungAgain) {
      // A doorbell may have been lost, and one that says the same does no harm.
      waiting.rungAgain = true;
      ring.ringDoorbell();
    }
  }

  private @Nullable CommandException errorOf(Pending owner) {
    return completion.isError()
        ? new CommandException(
            owner.name,
            completion.majorError(),
            completion.minorError(),
            register(generation.registers().cqpErrorCodes()))
        : null;
  }

  /** Moves on to the oldest command that is outstanding, if any. */
  private void advance() {
    while (oldest != ring.head() && pending[oldest] == null) {
      oldest = oldest + 1 & (ENTRIES - 1);
    }
  }

  private @Nullable Pending failOldest(String reason) {
    for (int i = 0; i < ENTRIES; i++) {
      Pending lost = pending[i];
      if (lost != null) {
        pending[i] = null;
        lost.finish(0, new CommandException(lost.name + ": " + reason));
        return lost;
      }
    }
    return null;
  }

  private static void tell(Pending finished) {
    Consumer<@Nullable CommandException> then = finished.then;
    if (then != null) {
      then.accept(finished.error);
    }
  }

  /**
   * Why no command is possible any more, when all has been done about it: the device has been reset
   * then, where that is possible.
   */
  String awaitFailure() {
    Patience.await(
        context::nanoTime,
        Long.MAX_VALUE,
        () -> {
          drain();
          return breakdown.settled() != null;
        });
    return String.valueOf(breakdown.settled());
  }

  /** No command is possible any more; those that are outstanding have failed. */
  void fail(String reason) {
    lock.lock();
    try {
      breakdown.begin(reason);
    } finally {
      lock.unlock();
    }
    drain();
  }

  /** Whether the device has let go of the queue, or is gone. */
  private boolean destroy() {
    CqpContext.create(generation, window, 0);
    return Patience.await(
        context::nanoTime,
        timeoutNanos,
        () -> {
          int status = register(generation.registers().ccqpStatus());
          // Not only "done" must go: an error that is still there would be taken for the next one.
          return status == ALL_ONES || status == 0;
        });
  }

  /**
   * Stops the device, before memory goes back. One that has failed, and kept what it was told to
   * let go of, needs more than the end of this queue.
   */
  private void stop() {
    if (!stopped) {
      stopped = true;
      if (breakdown.failure() != null) {
        breakdown.resetFunction();
      }
      if (!breakdown.isReset() && !destroy()) {
        breakdown.resetFunction();
      }
    }
  }

  /** Destroys the queue on the device, as far as that listens, and gives its memory back. */
  @Override
  public void close() {
    lock.lock();
    try {
      breakdown.close();
    } finally {
      lock.unlock();
    }
    drain();
    stop();
    slab.close();
  }
}
