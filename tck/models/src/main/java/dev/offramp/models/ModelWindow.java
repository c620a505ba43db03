package dev.offramp.models;

import dev.offramp.spi.Device;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Makes a model look like an adapter to a driver: the driver's window on one side, the model's
 * platform on the other. Safe for use by several threads.
 */
public final class ModelWindow implements DeviceWindow, AutoCloseable {
  /** {@link Faults} place: from now on the adapter is gone, as by {@link #unplug}. */
  public static final String GONE = "window.gone";

  /** {@link Faults} place: this allocation finds no memory. */
  public static final String ALLOCATE = "window.allocate";

  /** {@link Faults} place: this mapping finds no memory. */
  public static final String MAP = "window.map";

  /** {@link Faults} place: this interrupt is lost. */
  public static final String INTERRUPT = "window.interrupt";

  /** {@link Faults} place: this register write does not reach the adapter. */
  public static final String WRITE = "window.write";

  /** {@link Faults} place: this read gives the fault's value, cut to the register's width. */
  public static final String READ = "window.read";

  /** What slabs may have in all, unless said otherwise. */
  public static final long DEFAULT_LIMIT_BYTES = 512L << 20;

  private static final int ALL_ONES = -1;
  private static final int BURST_BYTES = 64;
  private static final long MAX_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final DmaSpace memory;
  private final LongSupplier clock;
  private final Faults faults;
  private final AdapterModel model;
  private final Map<Integer, Line> lines = new ConcurrentHashMap<>();
  private volatile boolean gone;

  /**
   * Plugs a new model in.
   *
   * @param kind what to make
   * @param loop the model's thread
   * @param link the model's port and cable
   * @param clock nanoseconds, monotonic; {@link #await32} goes by it, too
   * @param faults what is to go wrong, in the window and in the model
   */
  public ModelWindow(
      AdapterModelFactory kind, EventLoop loop, Link link, LongSupplier clock, Faults faults) {
    this(kind, loop, link, clock, faults, new DmaSpace(DEFAULT_LIMIT_BYTES));
  }

  /** Plugs a new model in that has the given memory. */
  public ModelWindow(
      AdapterModelFactory kind,
      EventLoop loop,
      Link link,
      LongSupplier clock,
      Faults faults,
      DmaSpace memory) {
    this.memory = memory;
    this.clock = clock;
    this.faults = faults;
    this.model = kind.create(new ModelPlatform(memory, this::raise, loop, link, clock, faults));
  }

  /** The model. */
  public AdapterModel model() {
    return model;
  }

  /** What the model says of itself. */
  public Device device() {
    return model.device();
  }

  /** What the driver has allocated and mapped. */
  public DmaSpace memory() {
    return memory;
  }

  /** Every faults' place of the window itself; the model has its own. */
  public static List<String> faultPlaces() {
    return List.of(GONE, ALLOCATE, MAP, INTERRUPT, WRITE, READ);
  }

  /**
   * The adapter is torn out: every read gives all ones, as on PCI, every write is lost, and no
   * interrupt comes. Its connections end without a word.
   */
  public void unplug() {
    gone = true;
    model.close();
  }

  @Override
  public long sizeBytes(int bar) {
    return model.barBytes(bar);
  }

  @Override
  public int read32(int bar, long offset) {
    check(bar, offset, Integer.BYTES);
    if (isGone()) {
      return ALL_ONES;
    }
    long fault = faults.at(READ);
    return fault == Faults.NO_FAULT ? model.read32(bar, offset) : (int) fault;
  }

  @Override
  public long read64(int bar, long offset) {
    check(bar, offset, Long.BYTES);
    if (isGone()) {
      return ALL_ONES;
    }
    long fault = faults.at(READ);
    return fault == Faults.NO_FAULT ? model.read64(bar, offset) : fault;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    check(bar, offset, Integer.BYTES);
    if (arrives()) {
      model.write32(bar, offset, value);
    }
  }

  @Override
  public void write64(int bar, long offset, long value) {
    check(bar, offset, Long.BYTES);
    if (arrives()) {
      model.write64(bar, offset, value);
    }
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    check(bar, offset, BURST_BYTES);
    if (!memory.owns(source)) {
      throw new IllegalArgumentException("a slab of another window");
    }
    if (sourceOffset % Long.BYTES != 0) {
      throw new IllegalArgumentException(
          "a burst from offset [%d]: expected a multiple of 8".formatted(sourceOffset));
    }
    MemorySegment bytes = source.segment().asSlice(sourceOffset, BURST_BYTES);
    if (arrives()) {
      model.write512(bar, offset, bytes);
    }
  }

  @Override
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    if (faults.at(ALLOCATE) != Faults.NO_FAULT) {
      throw new OutOfDeviceMemoryException(sizeBytes, memory.slabBytes());
    }
    return memory.allocate(sizeBytes, alignmentBytes);
  }

  @Override
  public DmaMapping map(MemorySegment segment) {
    if (faults.at(MAP) != Faults.NO_FAULT) {
      throw new OutOfDeviceMemoryException(segment.byteSize(), memory.slabBytes());
    }
    return memory.map(segment);
  }

  @Override
  public void onInterrupt(int vector, EventLoop loop, Runnable handler) {
    if (vector < 0) {
      throw new IllegalArgumentException("interrupt vector [" + vector + "]: 0 and up");
    }
    lines.put(vector, new Line(loop, handler));
  }

  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    long begin = clock.getAsLong();
    long pause = 0;
    while (true) {
      int seen = read32(bar, offset);
      if ((seen & mask) == value || clock.getAsLong() - begin >= deadline.toNanos()) {
        return seen;
      }
      // A waiting driver must not keep the model from the processor.
      pause = Math.min(MAX_PAUSE_NANOS, 2 * pause + 1000);
      LockSupport.parkNanos(pause);
      if (Thread.interrupted()) {
        int last = read32(bar, offset);
        Thread.currentThread().interrupt();
        return last;
      }
    }
  }

  @Override
  public void fence() {
    VarHandle.fullFence();
  }

  @Override
  public boolean reset() {
    return !isGone() && model.reset();
  }

  /** Unplugs the adapter, without the fuss. What the driver still holds can be seen afterwards. */
  @Override
  public void close() {
    unplug();
  }

  private void raise(int vector) {
    Line line = lines.get(vector);
    if (line != null && !gone && faults.at(INTERRUPT) == Faults.NO_FAULT) {
      line.raise();
    }
  }

  private boolean isGone() {
    if (!gone && faults.at(GONE) != Faults.NO_FAULT) {
      unplug();
    }
    return gone;
  }

  private boolean arrives() {
    return !isGone() && faults.at(WRITE) == Faults.NO_FAULT;
  }

  private void check(int bar, long offset, int widthBytes) {
    long size = model.barBytes(bar);
    if (offset < 0 || offset % widthBytes != 0 || offset > size - widthBytes) {
      throw new IllegalArgumentException(
          "%d bytes at [%#x] of BAR %d: expected a multiple of %d below its size [%#x]"
              .formatted(widthBytes, offset, bar, widthBytes, size));
    }
  }

  /** One vector. Like a message-signalled interrupt it is told once until it is looked at. */
  private static final class Line {
    private final EventLoop loop;
    private final Runnable handler;
    private final AtomicBoolean pending = new AtomicBoolean();

    Line(EventLoop loop, Runnable handler) {
      this.loop = loop;
      this.handler = handler;
    }

    void raise() {
      if (pending.compareAndSet(false, true)) {
        loop.execute(this::tell);
      }
    }

    private void tell() {
      pending.set(false);
      handler.run();
    }
  }
}
