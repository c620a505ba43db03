package dev.offramp.iwarp.sim;

import dev.offramp.api.rdma.Access;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One end's memory: a slab of random octets with regions in it, guards between them, and a copy of
 * what was there at first.
 */
final class Memory {
  static final int DOMAIN = 7;
  static final int TICKETS = 3;
  static final int TICKET_BYTES = 64;
  private static final int OTHER_DOMAIN = 8;
  private static final int GUARD_BYTES = 64;

  /** A region and where it lies in the slab. */
  record Area(Region region, int at, int bytes) {
    /** The tagged offset of the area's octet {@code offset}. */
    long to(long offset) {
      return region.taggedOffset() + offset;
    }
  }

  final MemoryTable table;
  final MemorySegment slab;
  final byte[] initial;

  /** Never written: what Sends and Writes are taken from, and the peer's Reads. */
  final Area source;

  final Area otherSource;

  /** Where the peer's Writes go; each octet at most once. */
  final Area target;

  /** Where Reads go. */
  final Area sink;

  /** Where Receives go; no remote access at all. */
  final Area inbox;

  /** Words for the peer's atomics. */
  final Area words;

  /** Former values of the peer's words. */
  final Area originals;

  /** Belongs to another stream. */
  final Area foreign;

  /** To be revoked by the peer. */
  final List<Area> tickets = new ArrayList<>();

  /** To be revoked by this end. */
  final List<Area> locals = new ArrayList<>();

  private int used = GUARD_BYTES;

  Memory(Arena arena, RandomGenerator random, int scale) {
    table = new MemoryTable(new SplittableRandom(random.nextLong()), 64);
    int total = 5 * scale + 3 * 512 + 2 * TICKETS * TICKET_BYTES + 16 * 2 * GUARD_BYTES;
    slab = arena.allocate(total, 8);
    initial = new byte[total];
    random.nextBytes(initial);
    MemorySegment.copy(initial, 0, slab, ValueLayout.JAVA_BYTE, 0, total);
    source = area(random, scale, DOMAIN, Access.REMOTE_READ);
    otherSource = area(random, scale, DOMAIN);
    target = area(random, scale, DOMAIN, Access.REMOTE_WRITE, Access.REMOTE_READ);
    sink = area(random, scale, DOMAIN, Access.REMOTE_WRITE);
    inbox = area(random, scale, DOMAIN);
    words = area(random, 512, DOMAIN, Access.REMOTE_ATOMIC);
    originals = area(random, 512, DOMAIN);
    foreign = area(random, 512, OTHER_DOMAIN, Access.values());
    for (int i = 0; i < TICKETS; i++) {
      tickets.add(
          area(random, TICKET_BYTES, DOMAIN, Access.REMOTE_INVALIDATE, Access.REMOTE_WRITE));
      locals.add(area(random, TICKET_BYTES, DOMAIN));
    }
  }

  private Area area(RandomGenerator random, int bytes, int domain, Access... access) {
    long base =
        switch (random.nextInt(4)) {
          case 0 -> 0;
          case 1 -> -bytes; // the last octet is the last of all
          case 2 -> random.nextLong(1L << 62) & -8L;
          default -> Long.MIN_VALUE + (random.nextLong(1L << 61) & -8L);
        };
    EnumSet<Access> rights = EnumSet.noneOf(Access.class);
    rights.addAll(List.of(access));
    Area area =
        new Area(table.register(domain, slab.asSlice(used, bytes), base, rights), used, bytes);
    used += bytes + GUARD_BYTES;
    return area;
  }

  byte[] now(int at, int count) {
    return slab.asSlice(at, count).toArray(ValueLayout.JAVA_BYTE);
  }

  boolean isBusy() {
    boolean busy = false;
    for (Area area : List.of(source, otherSource, target, sink, inbox, words, originals)) {
      busy |= area.region().isBusy();
    }
    return busy;
  }
}
