package dev.offramp.provider.chelsio;

import dev.offramp.provider.chelsio.wire.Wr;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Between driver and model: sees each command when it is complete and not yet announced, as the
 * driver fences then, and flips one bit of one of them.
 */
final class FlippingWindow extends ForwardingWindow {
  private static final int SLOT_BYTES = 64;

  /** The driver's allocations in order that are rings of commands: control, offload, SQ and RQ. */
  private static final List<Integer> RINGS = List.of(3, 4, 5, 6);

  private final @Nullable Flip flip;
  private final List<Ring> rings = new ArrayList<>();
  private final List<Command> commands = new ArrayList<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private int slabs;
  private boolean flipped;
  private boolean watching = true;

  /**
   * Which bit.
   *
   * @param command its name
   * @param nth which of those with the name; 0 for the first
   * @param bit 0 is the most significant of the first byte
   */
  record Flip(String command, int nth, int bit) {}

  /** A command that was seen. */
  static final class Command {
    private final String name;
    private final int nth;
    private final byte[] bytes;

    Command(String name, int nth, byte[] bytes) {
      this.name = name;
      this.nth = nth;
      this.bytes = bytes;
    }

    String name() {
      return name;
    }

    /** Which of those with the name. */
    int nth() {
      return nth;
    }

    boolean bit(int bit) {
      return (bytes[bit >>> 3] >>> (7 - (bit & 7)) & 1) != 0;
    }

    int bits() {
      return 8 * bytes.length;
    }
  }

  private static final class Ring {
    private final MemorySegment memory;
    private long next;

    Ring(MemorySegment memory) {
      this.memory = memory;
    }
  }

  FlippingWindow(DeviceWindow window, @Nullable Flip flip) {
    super(window);
    this.flip = flip;
  }

  /** All that were seen until {@link #lookAway}. */
  synchronized List<Command> commands() {
    return List.copyOf(commands);
  }

  /** What comes now is of no interest. */
  synchronized void lookAway() {
    watching = false;
  }

  /** Whether the bit was flipped. */
  synchronized boolean hasFlipped() {
    return flipped;
  }

  @Override
  public void fence() {
    super.fence();
    synchronized (this) {
      if (watching) {
        rings.forEach(this::look);
      }
    }
    super.fence();
  }

  private void look(Ring ring) {
    while (ring.memory.scope().isAlive()
        && ring.next < ring.memory.byteSize()
        && ring.memory.get(ValueLayout.JAVA_BYTE, ring.next) != 0) {
      int units = ring.memory.get(ValueLayout.JAVA_BYTE, ring.next + 7) & 0xFF;
      MemorySegment command = ring.memory.asSlice(ring.next, (long) units * Wr.UNIT_BYTES);
      ring.next += ((long) units * Wr.UNIT_BYTES + SLOT_BYTES - 1) / SLOT_BYTES * SLOT_BYTES;
      see(command);
    }
  }

  private void see(MemorySegment memory) {
    byte[] bytes = memory.toArray(ValueLayout.JAVA_BYTE);
    String name = Commands.name(bytes);
    int nth = counts.merge(name, 1, Integer::sum) - 1;
    commands.add(new Command(name, nth, bytes));
    if (flip != null && !flipped && flip.command.equals(name) && flip.nth == nth) {
      flipped = true;
      int at = flip.bit >>> 3;
      int mask = 0x80 >>> (flip.bit & 7);
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ mask));
    }
  }

  @Override
  public synchronized DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    DmaSlab slab = super.allocate(sizeBytes, alignmentBytes);
    if (RINGS.contains(slabs)) {
      rings.add(new Ring(slab.segment()));
    }
    slabs++;
    return slab;
  }
}
