package dev.offramp.models.chelsio;

import dev.offramp.models.AdapterModel;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import dev.offramp.models.chelsio.RegisterWrites.Kind;
import dev.offramp.spi.Device;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A modelled Chelsio T5 or T6. It takes what a driver writes into registers and memory apart with
 * code of its own, and answers as the chip and its firmware do as far as the public drivers tell.
 *
 * <p>TCP is the {@link dev.offramp.models.Link}'s, and all that it is told comes from the commands:
 * a wrong bit breaks the connection, or is refused by a check. iWARP is {@code RdmapStream}'s.
 * {@link #violations} lists what a driver must not do; {@link #usage} counts what it holds; {@link
 * ChelsioFaults} names what can be made to fail.
 *
 * <p>Not modelled: handshakes (the link has connections that exist only), filters, Ethernet
 * traffic, shared receive queues, memory windows, on-chip queues, TLS, iSCSI, and reading adapter
 * memory through windows.
 *
 * <p>Any thread may call; the work happens on the platform's loop.
 */
public final class ChelsioModel implements AdapterModel {
  private static final int REGISTERS = 0;
  private static final int DOORBELLS = 2;
  private static final long REGISTER_BYTES = 0x8_0000;
  private static final long DOORBELL_BYTES = 8L << 20;

  private static final int OWN_FUNCTION = 0x1B000;
  private static final int FUNCTIONS = 0x1E000;
  private static final int FUNCTION_BYTES = 0x400;
  private static final int FUNCTION_COUNT = 8;
  private static final int KDOORBELL = 0x0;
  private static final int GTS = 0x4;
  private static final int NOT_A_FUNCTION = -1;

  private final Silicon silicon;
  private final Mailbox mailbox;

  /**
   * An adapter that has just been powered up.
   *
   * @param chip which chip
   * @param options how it is made
   * @param platform what it is plugged into
   */
  public ChelsioModel(ChelsioChip chip, ChelsioOptions options, ModelPlatform platform) {
    this.silicon = new Silicon(chip, options, platform);
    this.mailbox = new Mailbox(platform.faults(), this::command);
  }

  private void command(byte[] bytes) {
    silicon.platform.loop().execute(() -> silicon.firmware.execute(bytes, mailbox));
  }

  @Override
  public Device device() {
    return silicon.chip.device();
  }

  @Override
  public long barBytes(int bar) {
    return bar == REGISTERS ? REGISTER_BYTES : bar == DOORBELLS ? DOORBELL_BYTES : 0;
  }

  @Override
  public int read32(int bar, long offset) {
    if (bar != REGISTERS
        || silicon.faults.at(ChelsioFaults.REGISTERS_ALL_ONES) != Faults.NO_FAULT) {
      return -1;
    }
    int at = (int) offset;
    int inFunction = inOwnFunction(at);
    if (inFunction != NOT_A_FUNCTION && Mailbox.covers(inFunction)) {
      return mailbox.read(inFunction);
    }
    return silicon.registers.read(at);
  }

  @Override
  public long read64(int bar, long offset) {
    return Integer.toUnsignedLong(read32(bar, offset)) | (long) read32(bar, offset + 4) << 32;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    if (bar == DOORBELLS) {
      silicon.writes.add(Kind.DOORBELL, offset, value);
    } else if (bar == REGISTERS) {
      writeRegister((int) offset, value);
    }
  }

  private void writeRegister(int at, int value) {
    int inFunction = inOwnFunction(at);
    if (inFunction == NOT_A_FUNCTION) {
      silicon.registers.write(at, value);
    } else if (Mailbox.covers(inFunction)) {
      mailbox.write(inFunction, value);
    } else if (inFunction == KDOORBELL) {
      silicon.writes.add(Kind.LEGACY_DOORBELL, 0, value);
    } else if (inFunction == GTS) {
      silicon.writes.add(Kind.LEGACY_GTS, 0, value);
    } else {
      silicon.registers.write(at, value);
    }
  }

  @Override
  public void write64(int bar, long offset, long value) {
    if (bar == DOORBELLS) {
      silicon.writes.add(Kind.DOORBELL_HALF, offset, value);
    } else {
      write32(bar, offset, (int) value);
      write32(bar, offset + 4, (int) (value >>> 32));
    }
  }

  @Override
  public void write512(int bar, long offset, MemorySegment bytes) {
    if (bar == DOORBELLS) {
      silicon.writes.addBurst(offset, bytes);
    }
  }

  /** Where a register lies in the own function's registers, by either of their two places. */
  private int inOwnFunction(int at) {
    if (at >= OWN_FUNCTION && at < OWN_FUNCTION + FUNCTION_BYTES) {
      return at - OWN_FUNCTION;
    }
    int in = at - FUNCTIONS;
    return in >= 0
            && in < FUNCTION_COUNT * FUNCTION_BYTES
            && in / FUNCTION_BYTES == silicon.options.function()
        ? in % FUNCTION_BYTES
        : NOT_A_FUNCTION;
  }

  /** What the driver did wrong so far. */
  public List<Violation> violations() {
    return silicon.violations.list();
  }

  @Override
  public List<String> complaints() {
    return violations().stream().map(Violation::toString).toList();
  }

  /**
   * What is in use, when all that was written before has been carried out. Not for the loop's own
   * thread.
   */
  public ChelsioUsage usage() {
    return call(this::count);
  }

  private ChelsioUsage count() {
    List<Flow> flows = silicon.flows.all();
    return new ChelsioUsage(
        flows.size(),
        0,
        (int) flows.stream().filter(Flow::hasClaim).count(),
        silicon.queues.count(false),
        silicon.queues.ingressCount(false),
        silicon.queues.freeListCount(),
        silicon.queues.count(true),
        silicon.queues.ingressCount(true),
        (int) flows.stream().filter(flow -> flow.rdma() != null).count(),
        silicon.stags.count(),
        silicon.firmware.interfaces().count(),
        silicon.firmware.interfaces().localAddressCount());
  }

  /**
   * How many entries of the next-hop table (L2T) were written. Nothing takes one back: a driver
   * leaks when this grows with connections to the same next hop.
   */
  public int nextHopCount() {
    return call(silicon.nextHops::size);
  }

  private <T> T call(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    silicon.platform.loop().execute(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the model", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    silicon.platform.loop().execute(silicon.flows::clear);
  }
}
