package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Undo;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/** Makes the regions of one connection, and waits until the adapter knows them. */
final class RegionMaker {
  private static final int PAGE_BYTES = 4096;

  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final int domain;

  /**
   * A maker.
   *
   * @param domain the connection's protection domain
   */
  RegionMaker(Adapter adapter, ChelsioConnection connection, int domain) {
    this.adapter = adapter;
    this.connection = connection;
    this.domain = domain;
  }

  /** Makes a region of an application's memory. */
  ChelsioRegion register(MemorySegment segment, EnumSet<Access> access) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "seen [a segment on the Java heap], expected native memory; allocate it with an Arena");
    }
    if (segment.isReadOnly()) {
      throw new IllegalArgumentException("seen [a read-only segment], expected one to write to");
    }
    requireOffered(access);
    Undo reach = new Undo();
    DmaMapping mapping = adapter.context().window().map(segment);
    reach.add(mapping::close);
    return makeNew(segment, mapping.deviceAddress(), access, reach, new Undo());
  }

  /** Makes a region of memory that lives as long as it. */
  ChelsioRegion allocate(long sizeBytes, EnumSet<Access> access) {
    requireOffered(access);
    Undo bytes = new Undo();
    DmaSlab slab = adapter.context().window().allocate(sizeBytes, PAGE_BYTES);
    bytes.add(slab::close);
    return makeNew(slab.segment(), slab.deviceAddress(), access, new Undo(), bytes);
  }

  private static void requireOffered(Set<Access> access) {
    if (access.contains(Access.REMOTE_ATOMIC)) {
      throw new UnsupportedOperationException(
          "seen [REMOTE_ATOMIC], expected others: the chip has no atomic operations for iWARP");
    }
  }

  private ChelsioRegion makeNew(
      MemorySegment segment, long address, EnumSet<Access> access, Undo reach, Undo bytes) {
    try {
      int stag =
          adapter.resources().takeStag().orElseThrow(() -> new NoRoomException("no STag left"));
      reach.add(() -> adapter.resources().giveBackStag(stag));
      return make(segment, stag, address, address, access, reach, bytes);
    } catch (NoRoomException e) {
      reach.run(adapter.context().logger());
      bytes.run(adapter.context().logger());
      throw new UncheckedIOException(e);
    } catch (RnicException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes a region that its connection has brought along, under the STag that its peer knows.
   *
   * @param memory where it is; of its size
   * @throws NoRoomException when the adapter does not have that STag, or it is taken
   * @throws RnicException when the adapter does not do it
   */
  ChelsioRegion adopt(RegisteredMemory region, MemorySegment memory)
      throws NoRoomException, RnicException {
    Undo reach = new Undo();
    try {
      adapter.resources().takeStag(region.stag());
      reach.add(() -> adapter.resources().giveBackStag(region.stag()));
      DmaMapping mapping = adapter.context().window().map(memory);
      reach.add(mapping::close);
      return make(
          memory,
          region.stag(),
          mapping.deviceAddress(),
          region.taggedOffset(),
          region.access(),
          reach,
          new Undo());
    } catch (NoRoomException | OutOfDeviceMemoryException e) {
      reach.run(adapter.context().logger());
      throw e;
    }
  }

  /** Undoes all when the adapter refuses; not when there is no room. */
  private ChelsioRegion make(
      MemorySegment segment,
      int stag,
      long address,
      long taggedOffset,
      Set<Access> access,
      Undo reach,
      Undo bytes)
      throws NoRoomException, RnicException {
    RegionMemory memory =
        new RegionMemory(adapter, stag, address, taggedOffset, segment.byteSize(), reach, bytes);
    try {
      memory.make(domain, access);
    } catch (RnicException e) {
      undo(memory, e);
      throw e;
    }
    return new ChelsioRegion(connection, segment, stag, taggedOffset, access, memory);
  }

  private static void undo(RegionMemory memory, IOException cause) {
    memory.release();
    try {
      memory.revoke();
    } catch (RnicException notConfirmed) {
      cause.addSuppressed(notConfirmed);
    }
  }
}
