package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for a connection that comes from another process. An area is freed when the last of its
 * regions is closed, or all at once when the connection does not come. Safe for several threads
 * once it is filled.
 */
final class MemoryReceiver {
  private static final long PAGE_BYTES = 4096;

  private final MemoryPlan plan;
  private final List<Area> areas = new ArrayList<>();
  private final Map<Integer, MemorySegment> regions = new HashMap<>();
  private final Map<Integer, Area> areaOf = new HashMap<>();

  /** Memory, and how many regions use it. */
  private record Area(Arena arena, MemorySegment memory, AtomicInteger users) {}

  private MemoryReceiver(MemoryPlan plan) {
    this.plan = plan;
  }

  /**
   * Allocates what a plan says, which has been compared with the regions.
   *
   * @throws OutOfMemoryError when there is not so much; nothing stays allocated
   */
  @SuppressWarnings("MustBeClosedChecker") // closed by released and discard
  static MemoryReceiver allocate(MemoryPlan plan, List<RegisteredMemory> described) {
    MemoryReceiver receiver = new MemoryReceiver(plan);
    boolean whole = false;
    try {
      for (long size : plan.areaBytes()) {
        Arena arena = Arena.ofShared();
        receiver.areas.add(new Area(arena, MemorySegment.NULL, new AtomicInteger()));
        MemorySegment memory = arena.allocate(size, PAGE_BYTES);
        receiver.areas.set(receiver.areas.size() - 1, new Area(arena, memory, new AtomicInteger()));
      }
      receiver.place(described);
      whole = true;
      return receiver;
    } finally {
      if (!whole) {
        receiver.discard();
      }
    }
  }

  private void place(List<RegisteredMemory> described) {
    Map<Integer, Long> sizes = new HashMap<>();
    described.forEach(region -> sizes.put(region.stag(), region.sizeBytes()));
    for (MemoryPlan.Placement placement : plan.placements()) {
      Long size = sizes.get(placement.stag());
      if (size == null) {
        throw new IllegalArgumentException("the plan was not compared: " + placement);
      }
      Area area = areas.get(placement.area());
      area.users().incrementAndGet();
      areaOf.put(placement.stag(), area);
      regions.put(placement.stag(), area.memory().asSlice(placement.offsetBytes(), size));
    }
  }

  /** The regions' memory, by STag. */
  Map<Integer, MemorySegment> regions() {
    return Map.copyOf(regions);
  }

  /** Gives the next message. */
  interface Source {
    SecureLink.Message receive() throws IOException;
  }

  /**
   * Takes all contents. Areas of no bytes have no pieces.
   *
   * @throws MigrationException PROTOCOL for pieces that are not the next ones, TRUNCATED when they
   *     end too early
   */
  void fill(Source link) throws IOException {
    for (int area = 0; area < areas.size(); area++) {
      long filled = 0;
      while (filled < areas.get(area).memory().byteSize()) {
        SecureLink.Message message = link.receive();
        if (message.type() == MessageType.MEMORY_END) {
          throw new MigrationException(
              Reason.TRUNCATED,
              "memory ends after [" + filled + "] bytes of area " + area + ", expected all of it");
        }
        MigrationReceiver.require(MessageType.MEMORY, message);
        filled += take(message.payload(), area, filled);
      }
    }
    MigrationReceiver.require(MessageType.MEMORY_END, link.receive());
  }

  private int take(ByteBuffer piece, int area, long filled) throws MigrationException {
    long room = areas.get(area).memory().byteSize() - filled;
    int count = piece.remaining() - MemorySender.HEADER_BYTES;
    if (count <= 0 || count > room || piece.getInt() != area || piece.getLong() != filled) {
      throw new MigrationException(
          Reason.PROTOCOL,
          "a piece of memory of ["
              + count
              + "] bytes that is not the next, expected area "
              + area
              + " from "
              + filled
              + ", at most "
              + room);
    }
    areas.get(area).memory().asSlice(filled, count).asByteBuffer().put(piece);
    return count;
  }

  /** The application has closed a region. */
  void released(int stag) {
    Area area = areaOf.get(stag);
    if (area != null && area.users().decrementAndGet() == 0) {
      area.arena().close();
    }
  }

  /** None of it is needed. */
  void discard() {
    areas.forEach(area -> {
      if (area.arena().scope().isAlive()) {
        area.arena().close();
      }
    });
  }
}
