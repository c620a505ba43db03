package dev.offramp.models.intel;

import dev.offramp.iwarp.mpa.StreamMemory;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.ModelPlatform;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All that the chip holds. Changed on the model's loop only; sizes may be asked by any thread. */
final class DeviceState {
  private static final int STAGING_BYTES = 256 << 10;

  final IntelChip chip;
  final ModelPlatform platform;
  final Dma dma;
  final Notebook notebook;
  final Interrupter interrupter;
  final HostMemoryCache cache;
  final LocalTables tables = new LocalTables();
  final QuadHash quads;
  final StagTable stags;
  final StreamMemory buffers = new StreamMemory(STAGING_BYTES);
  final Map<Integer, QueuePair> queuePairs = new ConcurrentHashMap<>();
  final Map<Integer, CompletionRing> completionQueues = new ConcurrentHashMap<>();
  final Map<Integer, EventRing> eventQueues = new ConcurrentHashMap<>();
  private volatile @Nullable AsyncRing asyncQueue;
  private volatile int criticalError;

  DeviceState(IntelChip chip, ModelPlatform platform) {
    this.chip = chip;
    this.platform = platform;
    this.dma = new Dma(platform.memory());
    this.notebook = new Notebook();
    this.interrupter = new Interrupter(chip, platform);
    this.cache = new HostMemoryCache(chip, dma);
    this.quads = new QuadHash(platform.link());
    this.stags = new StagTable(chip, dma);
  }

  Faults faults() {
    return platform.faults();
  }

  @Nullable AsyncRing asyncQueue() {
    return asyncQueue;
  }

  void setAsyncQueue(@Nullable AsyncRing queue) {
    asyncQueue = queue;
  }

  /** Whether the protocol engine has stopped for good. */
  boolean isHalted() {
    return criticalError != 0;
  }

  /** What the critical error register says: 0 while all is well. */
  int criticalError() {
    return criticalError;
  }

  /** Stops it. Connections stay silent from now on. */
  void halt(int code) {
    criticalError = code;
    queuePairs.values().forEach(QueuePair::freeze);
    interrupter.raise(Interrupter.OTHER);
  }

  /** Tells of an event; nothing happens while there is no AEQ. */
  void raise(AsyncEvent event) {
    AsyncRing queue = asyncQueue;
    if (queue != null && !isHalted()) {
      try {
        queue.post(event);
      } catch (DmaFaultException e) {
        fault(e);
      }
    }
  }

  /** Notes that the device was told to reach for memory that is not there. */
  void fault(DmaFaultException e) {
    notebook.violation(Violation.Kind.DMA_FAULT, String.valueOf(e.getMessage()));
  }

  /** A CQ has overflowed: an event tells, and QPs that complete there hear no more of it. */
  void overflowed(CompletionRing queue) {
    raiseOf(queue, EventCodes.CQ_OPERATION_ERROR);
  }

  /** Tells of an event of a CQ. */
  void raiseOf(CompletionRing queue, int code) {
    raise(new AsyncEvent(queue.context(), queue.id(), code, EventCodes.SOURCE_CQ, 0, 0, 0, 0));
  }

  /** Everything ends, without a word to any peer. */
  void clear() {
    queuePairs.values().forEach(QueuePair::drop);
    queuePairs.clear();
    quads.clear();
    stags.clear();
    tables.clear();
    completionQueues.clear();
    eventQueues.clear();
    asyncQueue = null;
  }

  /** A reset of the function: as after power-up, one that had stopped included. */
  void reset() {
    clear();
    cache.clear();
    interrupter.clear();
    criticalError = 0;
  }
}
