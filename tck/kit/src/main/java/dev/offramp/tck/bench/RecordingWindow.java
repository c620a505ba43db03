package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Records all that a driver does through its window: each register access, and at each register
 * write the lines of device memory that the driver has changed since the last. What the device
 * changes meanwhile is not the driver's.
 */
final class RecordingWindow implements DeviceWindow {
  static final int LINE_BYTES = 64;

  /** Larger slabs are lent to the device, or hold payload: they are looked at after each call. */
  private static final long MAX_COMMAND_BYTES = 1 << 20;

  private static final long MAX_RECORDED_BYTES = 16 << 20;

  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[1 << 16]).asReadOnly();

  private final DeviceWindow window;
  private final Trace trace;
  private final Conductor conductor;
  private final boolean agreeable;
  private final List<Shadow> shadows = new ArrayList<>();
  private final List<Large> larges = new ArrayList<>();
  private int allocations;
  private String lastRead = "";

  /** A slab, and what was in it when it was last looked at. */
  private record Shadow(int number, MemorySegment live, MemorySegment seen) {}

  /** A large slab, and which of its lines have been told of. */
  private record Large(int number, MemorySegment live, Set<Long> told) {}

  /**
   * A window that records.
   *
   * @param agreeable whether waits end at once as the driver wishes: for devices without a model
   */
  RecordingWindow(DeviceWindow window, Trace trace, Conductor conductor, boolean agreeable) {
    this.window = window;
    this.trace = trace;
    this.conductor = conductor;
    this.agreeable = agreeable;
    conductor.aroundDevice(() -> sync(true), () -> sync(false));
  }

  @Override
  public long sizeBytes(int bar) {
    return window.sizeBytes(bar);
  }

  @Override
  public int read32(int bar, long offset) {
    conductor.runDevice();
    int value = window.read32(bar, offset);
    read(place(bar, offset), "%08x".formatted(value));
    return value;
  }

  @Override
  public long read64(int bar, long offset) {
    conductor.runDevice();
    long value = window.read64(bar, offset);
    read(place(bar, offset), "%016x".formatted(value));
    return value;
  }

  @Override
  public void write32(int bar, long offset, int value) {
    Octets bytes =
        Octets.copyOf(
            ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value));
    wrote(bar, offset, bytes);
    window.write32(bar, offset, value);
  }

  @Override
  public void write64(int bar, long offset, long value) {
    Octets bytes =
        Octets.copyOf(
            ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value));
    wrote(bar, offset, bytes);
    window.write64(bar, offset, value);
  }

  @Override
  public void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    byte[] burst =
        source.segment().asSlice(sourceOffset, LINE_BYTES).toArray(ValueLayout.JAVA_BYTE);
    wrote(bar, offset, Octets.copyOf(burst));
    window.write512(bar, offset, source, sourceOffset);
  }

  private void wrote(int bar, long offset, Octets bytes) {
    conductor.progressed();
    sync(true);
    trace.add(TraceEvent.Kind.REGISTER_WRITE, place(bar, offset), bytes, "");
  }

  @Override
  public synchronized DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    conductor.progressed();
    DmaSlab slab = window.allocate(sizeBytes, alignmentBytes);
    int number = allocations++;
    trace.add(TraceEvent.Kind.MEMORY, "slab" + number, sizeBytes + " bytes");
    if (sizeBytes > MAX_COMMAND_BYTES && sizeBytes <= MAX_RECORDED_BYTES) {
      larges.add(new Large(number, slab.segment(), new HashSet<>()));
    } else if (sizeBytes <= MAX_COMMAND_BYTES) {
      shadows.add(
          new Shadow(
              number, slab.segment(), MemorySegment.ofArray(new byte[Math.toIntExact(sizeBytes)])));
    }
    return slab;
  }

  @Override
  public DmaMapping map(MemorySegment segment) {
    conductor.progressed();
    trace.add(TraceEvent.Kind.MEMORY, "mapping", segment.byteSize() + " bytes");
    return window.map(segment);
  }

  @Override
  public void onInterrupt(int vector, EventLoop loop, Runnable handler) {
    window.onInterrupt(vector, loop, handler);
  }

  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    conductor.runDevice();
    int seen =
        agreeable
            ? (window.read32(bar, offset) & ~mask) | value
            : window.await32(bar, offset, mask, value, deadline);
    read(place(bar, offset), "awaited %08x & %08x = %08x".formatted(seen, mask, value));
    return seen;
  }

  @Override
  public void fence() {
    window.fence();
  }

  @Override
  public boolean reset() {
    conductor.progressed();
    sync(true);
    boolean done = conductor.alongside(window::reset);
    trace.add(TraceEvent.Kind.RESET, "function", done ? "done" : "not to be had");
    return done;
  }

  private synchronized void read(String place, String value) {
    String what = place + value;
    if (!what.equals(lastRead)) {
      lastRead = what;
      trace.add(TraceEvent.Kind.REGISTER_READ, place, value);
    }
  }

  private static String place(int bar, long offset) {
    return "bar%d+%#x".formatted(bar, offset);
  }

  /**
   * Looks at what may hold commands; what has changed is the driver's, or else nobody's business.
   */
  synchronized void sync(boolean record) {
    shadows.removeIf(shadow -> !shadow.live.scope().isAlive());
    for (Shadow shadow : shadows) {
      long from = 0;
      long size = shadow.live.byteSize();
      while (from < size) {
        long mismatch = MemorySegment.mismatch(shadow.live, from, size, shadow.seen, from, size);
        if (mismatch < 0) {
          break;
        }
        long line = (from + mismatch) / LINE_BYTES * LINE_BYTES;
        long end = Math.min(size, line + LINE_BYTES);
        MemorySegment.copy(shadow.live, line, shadow.seen, line, end - line);
        if (record) {
          changed(shadow.number, line, shadow.seen.asSlice(line, end - line));
        }
        from = end;
      }
    }
  }

  /** A call has come back: what is in the large slabs is looked at, too. */
  synchronized void returned() {
    larges.removeIf(large -> !large.live.scope().isAlive());
    for (Large large : larges) {
      long size = large.live.byteSize();
      long from = 0;
      while (from < size) {
        long chunk = Math.min(size - from, ZEROS.byteSize());
        long mismatch = MemorySegment.mismatch(large.live, from, from + chunk, ZEROS, 0, chunk);
        if (mismatch < 0) {
          from += chunk;
          continue;
        }
        long line = (from + mismatch) / LINE_BYTES * LINE_BYTES;
        long end = Math.min(size, line + LINE_BYTES);
        if (large.told.add(line)) {
          changed(large.number, line, large.live.asSlice(line, end - line));
        }
        from = end;
      }
    }
  }

  private void changed(int number, long line, MemorySegment bytes) {
    trace.add(
        TraceEvent.Kind.DMA,
        "slab%d+%#06x".formatted(number, line),
        Octets.copyOf(bytes.toArray(ValueLayout.JAVA_BYTE)),
        "before register write " + trace.registerWrites());
  }
}
