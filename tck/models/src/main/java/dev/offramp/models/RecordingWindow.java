package dev.offramp.models;

import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes down all that a driver does to its window, in one order, whichever threads do it. Memory
 * that both sides share has no accesses to be seen, so its slabs are compared at every register
 * write and before every read: what a driver has put there is in the trace before the doorbell that
 * tells of it. (A change by the device looks the same: the trace says that bytes changed, not who
 * changed them.) Safe for use by several threads.
 */
public final class RecordingWindow implements DeviceWindow {
  private static final int BURST_BYTES = 64;

  private final DeviceWindow window;
  private final List<WindowAccess> trace = new ArrayList<>();
  private final Map<DmaSlab, Watched> slabs = new LinkedHashMap<>();
  private final boolean watchesMemory;
  private final @Nullable Consumer<WindowAccess> sink;
  private int slabCount;

  /**
   * Records everything.
   *
   * @param window what it is passed on to
   */
  public RecordingWindow(DeviceWindow window) {
    this(window, true);
  }

  /**
   * Records register accesses, allocations and interrupts.
   *
   * @param window what it is passed on to
   * @param watchesMemory whether the slabs' contents are compared, too: slow with large ones
   */
  public RecordingWindow(DeviceWindow window, boolean watchesMemory) {
    this(window, watchesMemory, null);
  }

  /**
   * Passes every access on as it happens, and keeps none.
   *
   * @param window what it is passed on to
   * @param watchesMemory whether the slabs' contents are compared, too
   * @param sink told of each access by the thread that does it, one at a time; null to keep them
   */
  public RecordingWindow(
      DeviceWindow window, boolean watchesMemory, @Nullable Consumer<WindowAccess> sink) {
    this.window = window;
    this.watchesMemory = watchesMemory;
    this.sink = sink;
  }

  /** What has happened so far. */
  public synchronized List<WindowAccess> trace() {
    return List.copyOf(trace);
  }

  /** The trace for people, an access in a line. */
  public String printed() {
    return trace().stream().map(WindowAccess::toString).collect(Collectors.joining("\n"));
  }

  /** Forgets the trace so far. */
  public synchronized void clear() {
    trace.clear();
  }

  @Override
  public long sizeBytes(int bar) {
    return window.sizeBytes(bar);
  }

  @Override
  public synchronized int read32(int bar, long offset) {
    lookAtMemory();
    int value = window.read32(bar, offset);
    note(new WindowAccess.Read(bar, offset, Integer.SIZE, value & 0xFFFF_FFFFL));
    return value;
  }

  @Override
  public synchronized long read64(int bar, long offset) {
    lookAtMemory();
    long value = window.read64(bar, offset);
    note(new WindowAccess.Read(bar, offset, Long.SIZE, value));
    return value;
  }

  @Override
  public synchronized void write32(int bar, long offset, int value) {
    lookAtMemory();
    note(new WindowAccess.Write(bar, offset, Integer.SIZE, value & 0xFFFF_FFFFL));
    window.write32(bar, offset, value);
  }

  @Override
  public synchronized void write64(int bar, long offset, long value) {
    lookAtMemory();
    note(new WindowAccess.Write(bar, offset, Long.SIZE, value));
    window.write64(bar, offset, value);
  }

  @Override
  public synchronized void write512(int bar, long offset, DmaSlab source, long sourceOffset) {
    lookAtMemory();
    DmaSlab own = source instanceof RecordedSlab recorded ? recorded.slab : source;
    note(
        new WindowAccess.Burst(
            bar, offset, WindowAccess.copyOf(own.segment().asSlice(sourceOffset, BURST_BYTES))));
    window.write512(bar, offset, own, sourceOffset);
  }

  @Override
  public synchronized DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    DmaSlab slab = window.allocate(sizeBytes, alignmentBytes);
    int number = ++slabCount;
    note(new WindowAccess.Allocate(number, sizeBytes, alignmentBytes, slab.deviceAddress()));
    slabs.put(slab, new Watched(number, new byte[watchesMemory ? (int) sizeBytes : 0]));
    return new RecordedSlab(slab, number);
  }

  @Override
  public synchronized DmaMapping map(MemorySegment segment) {
    DmaMapping mapping = window.map(segment);
    note(new WindowAccess.Map(segment.byteSize(), mapping.deviceAddress()));
    return new RecordedMapping(mapping);
  }

  @Override
  public synchronized void onInterrupt(int vector, EventLoop loop, Runnable handler) {
    note(new WindowAccess.Listen(vector));
    window.onInterrupt(
        vector,
        loop,
        () -> {
          synchronized (RecordingWindow.this) {
            note(new WindowAccess.Interrupt(vector));
          }
          handler.run();
        });
  }

  /** Not under the lock, since it waits; only the last value is written down. */
  @Override
  public int await32(int bar, long offset, int mask, int value, Duration deadline) {
    synchronized (this) {
      lookAtMemory();
    }
    int seen = window.await32(bar, offset, mask, value, deadline);
    synchronized (this) {
      note(
          new WindowAccess.Await(
              bar, offset, mask & 0xFFFF_FFFFL, value & 0xFFFF_FFFFL, seen & 0xFFFF_FFFFL));
    }
    return seen;
  }

  @Override
  public synchronized void fence() {
    note(new WindowAccess.Fence());
    window.fence();
  }

  /** Not under the lock, since it waits. */
  @Override
  public boolean reset() {
    synchronized (this) {
      lookAtMemory();
    }
    boolean done = window.reset();
    synchronized (this) {
      note(new WindowAccess.Reset(done));
    }
    return done;
  }

  /** Under the lock. */
  private void note(WindowAccess access) {
    Consumer<WindowAccess> told = sink;
    if (told == null) {
      trace.add(access);
    } else {
      told.accept(access);
    }
  }

  private void lookAtMemory() {
    if (watchesMemory) {
      slabs.forEach((slab, watched) -> watched.compare(slab.segment(), this::note));
    }
  }

  /** What a slab looked like last. */
  private static final class Watched {
    private final int number;
    private final byte[] last;

    Watched(int number, byte[] last) {
      this.number = number;
      this.last = last;
    }

    /** Runs of bytes that differ, joined over gaps of less than a word. */
    void compare(MemorySegment now, Consumer<WindowAccess> changes) {
      MemorySegment before = MemorySegment.ofArray(last);
      long at = before.mismatch(now);
      while (at >= 0) {
        long end = endOfRun(now, at);
        MemorySegment changed = now.asSlice(at, end - at);
        MemorySegment.copy(changed, 0, before, at, end - at);
        changes.accept(
            new WindowAccess.Memory(number, at, WindowAccess.copyOf(before.asSlice(at, end - at))));
        long next = MemorySegment.mismatch(before, end, last.length, now, end, last.length);
        at = next < 0 ? -1 : end + next;
      }
    }

    private long endOfRun(MemorySegment now, long from) {
      int same = 0;
      long at = from;
      while (at < last.length && same < Long.BYTES) {
        same = last[(int) at] == now.get(ValueLayout.JAVA_BYTE, at) ? same + 1 : 0;
        at++;
      }
      return at - same;
    }
  }

  private final class RecordedSlab implements DmaSlab {
    private final DmaSlab slab;
    private final int number;

    RecordedSlab(DmaSlab slab, int number) {
      this.slab = slab;
      this.number = number;
    }

    @Override
    public MemorySegment segment() {
      return slab.segment();
    }

    @Override
    public long deviceAddress() {
      return slab.deviceAddress();
    }

    @Override
    public void close() {
      synchronized (RecordingWindow.this) {
        if (slabs.remove(slab) != null) {
          note(new WindowAccess.Free(number));
        }
        slab.close();
      }
    }
  }

  private final class RecordedMapping implements DmaMapping {
    private final DmaMapping mapping;
    private boolean closed;

    RecordedMapping(DmaMapping mapping) {
      this.mapping = mapping;
    }

    @Override
    public long deviceAddress() {
      return mapping.deviceAddress();
    }

    @Override
    public void close() {
      synchronized (RecordingWindow.this) {
        if (!closed) {
          closed = true;
          note(new WindowAccess.Unmap(mapping.deviceAddress()));
        }
        mapping.close();
      }
    }
  }
}
