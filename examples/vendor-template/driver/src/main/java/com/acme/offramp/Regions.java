package com.acme.offramp;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.spi.port.DmaMapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The regions of a connection. Safe for several threads. */
final class Regions {
  private static final long PAGE_BYTES = 4096;

  private final AcmeConnection connection;
  private final Adapter adapter;
  private final int queuePair;
  private final Map<Integer, AcmeRegion> byStag = new ConcurrentHashMap<>();

  Regions(AcmeConnection connection, Adapter adapter, int queuePair) {
    this.connection = connection;
    this.adapter = adapter;
    this.queuePair = queuePair;
  }

  boolean areOf(AcmeConnection other) {
    return connection == other;
  }

  MemoryRegion register(MemorySegment segment, Access... access) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "seen [a segment on the Java heap], expected native memory; allocate it with an Arena");
    }
    return register(segment, () -> {}, access);
  }

  MemoryRegion allocate(long sizeBytes, Access... access) {
    Arena arena = Arena.ofShared();
    try {
      return register(arena.allocate(sizeBytes, PAGE_BYTES), arena::close, access);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private MemoryRegion register(MemorySegment segment, Runnable release, Access... access) {
    Set<Access> rights = EnumSet.noneOf(Access.class);
    rights.addAll(List.of(access));
    if (rights.contains(Access.REMOTE_ATOMIC)) {
      throw new IllegalArgumentException(
          "seen [REMOTE_ATOMIC], offered here are reading and writing; the adapter has no atomics");
    }
    if (segment.isReadOnly() && rights.contains(Access.REMOTE_WRITE)) {
      throw new IllegalArgumentException("read-only memory cannot be written by a peer");
    }
    DmaMapping mapping = adapter.window().map(segment);
    try {
      int stag =
          adapter.run(
              "REGISTER",
              AdminCommand.REGISTER,
              command -> {
                command.set(Words.U32, AdminCommand.QUEUE_PAIR, queuePair);
                command.set(Words.U64, AdminCommand.ADDRESS, mapping.deviceAddress());
                command.set(Words.U64, AdminCommand.SIZE_BYTES, segment.byteSize());
                command.set(Words.U64, AdminCommand.TAGGED_OFFSET, AcmeRegion.TAGGED_OFFSET);
                command.set(Words.U32, AdminCommand.ACCESS, bits(rights));
              },
              AdminCommand.STAG);
      AcmeRegion region = new AcmeRegion(this, stag, segment, rights, mapping, release);
      byStag.put(stag, region);
      adapter.context().events().registered(connection, region, rights);
      return region;
    } catch (IOException e) {
      mapping.close();
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private static int bits(Set<Access> rights) {
    return (rights.contains(Access.REMOTE_READ) ? AdminCommand.ACCESS_REMOTE_READ : 0)
        | (rights.contains(Access.REMOTE_WRITE) ? AdminCommand.ACCESS_REMOTE_WRITE : 0)
        | (rights.contains(Access.REMOTE_INVALIDATE) ? AdminCommand.ACCESS_REMOTE_INVALIDATE : 0);
  }

  /** The peer has revoked an STag, says the adapter. */
  void invalidated(int stag) {
    AcmeRegion region = byStag.get(stag);
    if (region != null) {
      region.invalidate();
    }
  }

  /** Revokes an STag; afterwards the adapter does not use the memory. */
  void deregister(AcmeRegion region) {
    byStag.remove(region.stag(), region);
    adapter.runOrFail(
        "DEREGISTER",
        AdminCommand.DEREGISTER,
        command -> command.set(Words.U32, AdminCommand.STAG, region.stag()));
    adapter.context().events().deregistered(connection, region);
  }

  void closeAll() {
    List.copyOf(byStag.values()).forEach(AcmeRegion::close);
  }

  void detachAll() {
    List.copyOf(byStag.values()).forEach(AcmeRegion::detach);
  }
}
