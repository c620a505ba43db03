package dev.offramp.models.chelsio;

import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Doorbells on their way from the driver's threads to the chip, in order. Like a write that is
 * posted on a bus, one is there before any segment that is sent after it: whoever is about to look
 * at what came from the network lets these come first. Queueing one allocates nothing as long as
 * the loop keeps up, so that what a driver allocates can be measured.
 */
final class RegisterWrites {
  private static final int FIRST_ENTRIES = 64;
  private static final int MAX_ENTRIES = 1 << 16;

  private final EventLoop loop;
  private final Target target;
  private final Runnable arrive = this::arrive;

  // Guarded by this.
  private Entry[] ring = entries(FIRST_ENTRIES);
  private int first;
  private int count;
  private boolean scheduled;

  /** The loop's own: what is carried out, and whether something is. */
  private final Entry current = new Entry();

  private boolean arriving;

  /** Which area is written to, and how. */
  enum Kind {
    /** 4 bytes of BAR 2. */
    DOORBELL,
    /** 8 bytes of BAR 2. */
    DOORBELL_HALF,
    /** 64 bytes of BAR 2. */
    BURST,
    /** SGE_PF_KDOORBELL. */
    LEGACY_DOORBELL,
    /** SGE_PF_GTS. */
    LEGACY_GTS
  }

  /** Takes a write on the loop; {@code burst} is its bytes, of a {@link Kind#BURST} only. */
  @FunctionalInterface
  interface Target {
    void written(Kind kind, long offset, long value, byte[] burst);
  }

  /** One write. */
  private static final class Entry {
    private Kind kind = Kind.DOORBELL;
    private long offset;
    private long value;
    private final byte[] burst = new byte[Doorbells.BURST];

    void copy(Entry other) {
      kind = other.kind;
      offset = other.offset;
      value = other.value;
      if (kind == Kind.BURST) {
        System.arraycopy(other.burst, 0, burst, 0, burst.length);
      }
    }
  }

  RegisterWrites(EventLoop loop, Target target) {
    this.loop = loop;
    this.target = target;
  }

  private static Entry[] entries(int size) {
    Entry[] all = new Entry[size];
    for (int i = 0; i < size; i++) {
      all[i] = new Entry();
    }
    return all;
  }

  /** Called by any thread. */
  void add(Kind kind, long offset, long value) {
    boolean schedule;
    synchronized (this) {
      put(kind, offset, value);
      schedule = schedule();
    }
    if (schedule) {
      loop.execute(arrive);
    }
  }

  /** Called by any thread; the bytes are copied. */
  void addBurst(long offset, MemorySegment bytes) {
    boolean schedule;
    synchronized (this) {
      Entry entry = put(Kind.BURST, offset, 0);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, 0, entry.burst, 0, entry.burst.length);
      schedule = schedule();
    }
    if (schedule) {
      loop.execute(arrive);
    }
  }

  private Entry put(Kind kind, long offset, long value) {
    if (count == ring.length) {
      if (count == MAX_ENTRIES) {
        throw new IllegalStateException("the model's loop does not keep up: " + count + " writes");
      }
      Entry[] more = entries(2 * count);
      for (int i = 0; i < count; i++) {
        more[i] = ring[(first + i) % count];
      }
      ring = more;
      first = 0;
    }
    Entry entry = ring[(first + count) % ring.length];
    entry.kind = kind;
    entry.offset = offset;
    entry.value = value;
    count++;
    return entry;
  }

  private boolean schedule() {
    boolean schedule = !scheduled;
    scheduled = true;
    return schedule;
  }

  /** Whether one is being carried out. On the loop. */
  boolean isArriving() {
    return arriving;
  }

  /** Carries out all that have been written. On the loop; does nothing when called from a write. */
  void arrive() {
    if (arriving) {
      return;
    }
    arriving = true;
    boolean through = false;
    try {
      while (take()) {
        target.written(current.kind, current.offset, current.value, current.burst);
      }
      through = true;
    } finally {
      arriving = false;
      if (!through) {
        // What was thrown is the loop's; the writes behind this one still have to come.
        loop.execute(arrive);
      }
    }
  }

  private synchronized boolean take() {
    if (count == 0) {
      scheduled = false;
      return false;
    }
    current.copy(ring[first]);
    first = (first + 1) % ring.length;
    count--;
    return true;
  }
}
