package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.Access;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Undo;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection's regions. What asks the adapter waits for its answer and needs no lock; the table
 * itself is under the connection's lock.
 */
final class Regions implements WorkPoster.Stags {
  private static final int PAGE_BYTES = 4096;

  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final int domain;
  private final Map<Integer, ChelsioRegion> byStag = new HashMap<>();

  /**
   * None yet.
   *
   * @param domain the connection's protection domain
   */
  Regions(Adapter adapter, ChelsioConnection connection, int domain) {
    this.adapter = adapter;
    this.connection = connection;
    this.domain = domain;
  }

  /** Makes a region of an application's memory; to be {@link #add}ed. */
  ChelsioRegion register(MemorySegment segment, EnumSet<Access> access) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "seen [a segment on the Java heap], expected native memory; allocate it with an Arena");
    }
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException("seen [a read-only segment], expected one to write to");
    }
    requireOffered(access);
    Undo release = new Undo();
    DmaMapping mapping = adapter.context().window().map(segment);
    release.add(mapping::close);
    return make(segment, mapping.deviceAddress(), access, release);
  }

  /** Makes a region of memory that lives as long as it; to be {@link #add}ed. */
  ChelsioRegion allocate(long sizeBytes, EnumSet<Access> access) {
    requireOffered(access);
    Undo release = new Undo();
    DmaSlab slab = adapter.context().window().allocate(sizeBytes, PAGE_BYTES);
    release.add(slab::close);
    return make(slab.segment(), slab.deviceAddress(), access, release);
  }

  private static void requireOffered(Set<Access> access) {
    if (access.contains(Access.REMOTE_ATOMIC)) {
      throw new UnsupportedOperationException(
          "seen [REMOTE_ATOMIC], expected others: the chip has no atomic operations for iWARP");
    }
  }

  private ChelsioRegion make(
      MemorySegment segment, long address, EnumSet<Access> access, Undo release) {
    RegionMemory memory;
    try {
      memory = new RegionMemory(adapter, address, segment.byteSize(), release);
    } catch (NoRoomException e) {
      release.run(adapter.context().logger());
      throw new UncheckedIOException(e);
    }
    try {
      memory.make(domain, access);
    } catch (RnicException e) {
      undo(memory, e);
      throw new UncheckedIOException(e);
    }
    return new ChelsioRegion(
        connection, segment, memory.stag(), address, access.contains(Access.REMOTE_WRITE), memory);
  }

  private static void undo(RegionMemory memory, IOException cause) {
    try {
      memory.revoke();
    } catch (RnicException notConfirmed) {
      cause.addSuppressed(notConfirmed);
    }
  }

  // ---- under the lock

  void add(ChelsioRegion region) {
    byStag.put(region.stag(), region);
  }

  /** Forgets a region; false when it was forgotten before. */
  boolean remove(ChelsioRegion region) {
    return byStag.remove(region.stag(), region);
  }

  @Override
  public @Nullable ChelsioRegion find(int stag) {
    return byStag.get(stag);
  }

  /** An STag has been revoked. */
  void invalidated(int stag) {
    ChelsioRegion region = byStag.get(stag);
    if (region != null) {
      region.invalidate();
    }
  }

  boolean isEmpty() {
    return byStag.isEmpty();
  }

  List<ChelsioRegion> all() {
    return new ArrayList<>(byStag.values());
  }
}
