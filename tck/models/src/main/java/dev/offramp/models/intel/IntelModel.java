package dev.offramp.models.intel;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A modelled X722 or E810, from its registers up. Register accesses may come from any thread;
 * writes take effect on the model's loop, in order.
 *
 * <p>What a driver's test asks afterwards: {@link #violations} of the rules that a driver keeps,
 * {@link #refusals} with the reason why a command or work request failed, and {@link #resources}
 * that are still held. {@link IntelFaults} has the places where it can be made to fail.
 *
 * <p><b>A model, not silicon.</b> Left out: page lists for queues and memory, memory windows and
 * fast registration, push pages, other transports, virtual functions, statistics, interrupt
 * moderation.
 */
public final class IntelModel implements AdapterModel {
  private static final int BAR = 0;
  private static final int ALL_ONES = -1;
  private static final int DOORBELL_CQ_ARM = 64;
  private static final long LOOP_SECONDS = 60;

  /** A queue pair's id in a doorbell; a push doorbell has an index above it. */
  private static final int DOORBELL_ID = 0xF_FFFF;

  private static final int CPUS = 3;
  private static final int DOORBELL_SIZE_SHIFT = 4;

  private final IntelChip chip;
  private final IntelRegisters registers;
  private final DeviceState device;
  private final ControlQueue control;
  private final RegisterWrites writes;
  private volatile boolean closing;
  private volatile boolean allOnes;
  private volatile @Nullable Thread loopThread;

  // On the loop.
  private int contextHigh;

  /**
   * Doorbells of queues that a reset has taken are nobody's fault until a driver is there again.
   */
  private boolean resetAndNotUp;

  /**
   * A chip that has just been powered up.
   *
   * @param chip which
   * @param platform what it is plugged into
   */
  public IntelModel(IntelChip chip, ModelPlatform platform) {
    this.chip = chip;
    this.registers = chip.registers();
    this.device = new DeviceState(chip, platform);
    this.control = new ControlQueue(device);
    this.writes = new RegisterWrites(platform.loop(), this::written);
  }

  @Override
  public Device device() {
    return chip.device();
  }

  /** Which chip it is. */
  public IntelChip chip() {
    return chip;
  }

  /** Rules that the driver broke so far. */
  public List<Violation> violations() {
    return device.notebook.violations();
  }

  /** Why commands and work requests failed so far: more than the chip itself tells. */
  public List<String> refusals() {
    return device.notebook.refusals();
  }

  @Override
  public List<String> complaints() {
    return Stream.concat(violations().stream().map(Violation::toString), refusals().stream())
        .toList();
  }

  /** What the driver holds now. */
  public IntelResources resources() {
    return new IntelResources(
        device.queuePairs.size(),
        device.completionQueues.size(),
        device.eventQueues.size(),
        device.asyncQueue() == null ? 0 : 1,
        device.stags.count(),
        device.tables.arpCount(),
        device.tables.macCount(),
        device.tables.portCount(),
        device.quads.count(),
        device.quads.listeningCount());
  }

  /** Where the QPs with a connection send to, in no order. Waits for the model's loop. */
  public List<IntelRoute> routes() {
    return onLoop(() ->
        device.queuePairs.values().stream()
            .flatMap(known -> Stream.ofNullable(known.route()))
            .toList());
  }

  /**
   * Has an asynchronous event of a QP happen now, with what belongs to it: a fatal one ends the
   * connection.
   *
   * @param queuePair whose; nothing happens when it is not there
   * @param code see irdma's {@code IRDMA_AE_*}
   */
  public void raiseEvent(int queuePair, int code) {
    device
        .platform
        .loop()
        .execute(() -> {
          QueuePair known = device.queuePairs.get(queuePair);
          if (known != null) {
            known.injectEvent(code);
          }
        });
  }

  // ---- registers

  @Override
  public long barBytes(int bar) {
    return bar == BAR ? registers.barBytes() : 0;
  }

  @Override
  public int read32(int bar, long offset) {
    if (bar != BAR || closing || isAllOnes()) {
      return ALL_ONES;
    }
    if (offset == registers.ccqpStatus()) {
      return control.status();
    }
    if (offset == registers.cqpTail()) {
      return control.tailRegister();
    }
    if (offset == registers.cqpErrorCodes()) {
      return control.errorCodes();
    }
    if (offset == registers.criticalError()) {
      return device.criticalError();
    }
    if (offset >= registers.cpuStatus()
        && offset < registers.cpuStatus() + (long) CPUS * Integer.BYTES) {
      return device.isHalted() ? 0 : IntelRegisters.CPU_READY;
    }
    if (offset == registers.barControl()) {
      return registers.doorbellSizeCode() << DOORBELL_SIZE_SHIFT;
    }
    if (device.interrupter.has(offset)) {
      return device.interrupter.read(offset);
    }
    return isWriteOnly(offset) ? 0 : ALL_ONES;
  }

  private boolean isWriteOnly(long offset) {
    return offset == registers.ccqpLow()
        || offset == registers.ccqpHigh()
        || offset == registers.cqpDoorbell()
        || offset == registers.wqeAlloc()
        || offset == registers.cqArm()
        || offset == registers.cqAck()
        || offset == registers.aeqAlloc();
  }

  @Override
  public long read64(int bar, long offset) {
    return (read32(bar, offset) & 0xFFFF_FFFFL)
        | ((long) read32(bar, offset + Integer.BYTES) << Integer.SIZE);
  }

  @Override
  public void write32(int bar, long offset, int value) {
    if (bar != BAR || closing || isAllOnes()) {
      return;
    }
    if (device.interrupter.has(offset)) {
      device.interrupter.write(offset, value);
    } else {
      writes.add(offset, value);
    }
  }

  @Override
  public void write64(int bar, long offset, long value) {
    write32(bar, offset, (int) value);
    write32(bar, offset + Integer.BYTES, (int) (value >>> Integer.SIZE));
  }

  @Override
  public void write512(int bar, long offset, MemorySegment bytes) {
    device.notebook.violation(
        Violation.Kind.UNKNOWN_REGISTER,
        "a burst to [%#x]: push pages are not modelled".formatted(offset));
  }

  private boolean isAllOnes() {
    if (!allOnes && device.faults().at(IntelFaults.REGISTERS_ALL_ONES) != Faults.NO_FAULT) {
      allOnes = true;
    }
    return allOnes;
  }

  /** A write arrives on the loop. */
  private void written(long offset, int value) {
    loopThread = Thread.currentThread();
    if (closing || device.isHalted()) {
      return;
    }
    try {
      act(offset, value);
    } catch (DmaFaultException e) {
      device.fault(e);
    } catch (IllegalStateException e) {
      device.fault(DmaFaultException.of(e));
    }
  }

  private void act(long offset, int value) throws DmaFaultException {
    if (resetAndNotUp && isDoorbell(offset)) {
      return;
    }
    if (offset == registers.wqeAlloc() || offset == registers.doorbellPage()) {
      ringSendQueue(value & DOORBELL_ID);
    } else if (offset == registers.cqArm()
        || offset == registers.doorbellPage() + DOORBELL_CQ_ARM) {
      CompletionRing queue = completionQueue(value, "armed");
      if (queue != null) {
        queue.arm();
      }
    } else if (offset == registers.cqAck()) {
      // A CQ that was destroyed may have left an event in its CEQ; irdma acknowledges that, too.
      CompletionRing queue = device.completionQueues.get(value);
      if (queue != null) {
        queue.acknowledge();
      }
    } else if (offset == registers.aeqAlloc()) {
      repost(value);
    } else if (offset == registers.cqpDoorbell()) {
      control.ring(value);
    } else if (offset == registers.ccqpHigh()) {
      contextHigh = value;
    } else if (offset == registers.ccqpLow()) {
      control.start(((long) contextHigh << Integer.SIZE) | (value & 0xFFFF_FFFFL));
      resetAndNotUp &= !control.isUp();
    } else if (offset == registers.ccqpStatus()) {
      control.writeStatus(value);
    } else if (offset == registers.cqpTail()) {
      control.writeTail(value);
    } else if (!registers.isIgnored(offset)) {
      device.notebook.violation(
          Violation.Kind.UNKNOWN_REGISTER, "[%#x] written to [%#x]".formatted(value, offset));
    }
  }

  private boolean isDoorbell(long offset) {
    return offset == registers.wqeAlloc()
        || offset == registers.doorbellPage()
        || offset == registers.doorbellPage() + DOORBELL_CQ_ARM
        || offset == registers.cqArm()
        || offset == registers.cqAck()
        || offset == registers.aeqAlloc()
        || offset == registers.cqpDoorbell();
  }

  private void ringSendQueue(int id) {
    if (device.faults().at(IntelFaults.DOORBELL) != Faults.NO_FAULT) {
      return;
    }
    long critical = device.faults().at(IntelFaults.CRITICAL_ERROR);
    if (critical != Faults.NO_FAULT) {
      device.halt((int) critical);
      return;
    }
    QueuePair known = device.queuePairs.get(id);
    if (known == null) {
      device.notebook.violation(
          Violation.Kind.DOORBELL_OF_UNKNOWN_QUEUE,
          "the send queue of QP [%d] is rung".formatted(id));
    } else {
      known.ring();
    }
  }

  private @Nullable CompletionRing completionQueue(int id, String what) {
    CompletionRing queue = device.completionQueues.get(id);
    if (queue == null) {
      device.notebook.violation(
          Violation.Kind.DOORBELL_OF_UNKNOWN_QUEUE, "CQ [%d] is %s".formatted(id, what));
    }
    return queue;
  }

  private void repost(int count) {
    AsyncRing queue = device.asyncQueue();
    if (queue == null) {
      device.notebook.violation(
          Violation.Kind.DOORBELL_OF_UNKNOWN_QUEUE,
          "[%d] AEQ entries are given back, there is no AEQ".formatted(count));
    } else {
      queue.repost(count);
    }
  }

  /**
   * {@inheritDoc} It works whatever the control queue does, and when the engine has stopped; not
   * when registers read all ones. What was written and has not arrived is lost.
   */
  @Override
  public boolean reset() {
    return !closing && !isAllOnes() && onLoop(this::startAnew);
  }

  private boolean startAnew() {
    if (closing) {
      return false;
    }
    writes.discard();
    device.reset();
    control.reset();
    contextHigh = 0;
    resetAndNotUp = true;
    return true;
  }

  /** Waits until the loop has let go of every connection, unless it is the loop that calls. */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    onLoop(() -> {
      device.clear();
      return true;
    });
  }

  /** Waits for the loop, unless it is the loop that calls. An interruption stays noted. */
  private <T> T onLoop(Callable<T> what) {
    FutureTask<T> task = new FutureTask<>(what);
    if (Thread.currentThread() == loopThread) {
      task.run();
    } else {
      device.platform.loop().execute(task);
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get(LOOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("on the model's loop", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the model's loop does not answer", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
