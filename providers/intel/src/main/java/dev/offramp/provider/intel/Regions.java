package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpStag;
import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The memory regions of a connection. Safe for several threads; never waits with the connection's
 * lock.
 */
final class Regions {
  private static final long PAGE_BYTES = 4096;

  private final IntelConnection connection;
  private final Adapter adapter;
  private final int pdId;
  private final Map<Integer, IntelRegion> byStag = new ConcurrentHashMap<>();

  /** Those that came along with the connection; before it runs, for one thread. */
  private final List<IntelRegion> adopted = new ArrayList<>();

  Regions(IntelConnection connection, Adapter adapter, int pdId) {
    this.connection = connection;
    this.adapter = adapter;
    this.pdId = pdId;
  }

  /** The region with that STag; null when there is none. */
  @Nullable IntelRegion find(int stag) {
    return byStag.get(stag);
  }

  MemoryRegion register(MemorySegment segment, Access... access) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "seen [a segment on the Java heap], expected native memory; allocate it with an Arena");
    }
    return register(segment, () -> {}, access);
  }

  @SuppressWarnings("MustBeClosedChecker") // the region closes it
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
    EnumSet<Access> rights = EnumSet.noneOf(Access.class);
    rights.addAll(List.of(access));
    if (rights.contains(Access.REMOTE_ATOMIC)) {
      throw new IllegalArgumentException(
          "seen [REMOTE_ATOMIC], offered here are reading and writing; the device has no atomics");
    }
    if (segment.isReadOnly() && rights.contains(Access.REMOTE_WRITE)) {
      throw new IllegalArgumentException("read-only memory cannot be written by a peer");
    }
    int stag;
    try {
      stag = adapter.stags().take();
    } catch (NoRoomException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    DmaMapping mapping = null;
    try {
      long taggedOffset = segment.address();
      if (segment.byteSize() > 0) {
        mapping = adapter.window().map(segment);
        taggedOffset = enter(segment, stag, mapping, rights);
      }
      IntelRegion region =
          new IntelRegion(
              connection,
              segment,
              segment.byteSize(),
              stag,
              taggedOffset,
              rights,
              mapping,
              release);
      byStag.put(stag, region);
      adapter.context().events().registered(connection, region, rights);
      return region;
    } catch (IOException | RuntimeException | Error e) {
      if (mapping != null) {
        mapping.close();
      }
      adapter.stags().giveBack(stag);
      if (e instanceof RuntimeException unchecked && !(e instanceof OutOfDeviceMemoryException)) {
        throw unchecked;
      }
      if (e instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * Registers a region of a connection that moved here, under the STag that its peer knows.
   *
   * @param described what the former owner said
   * @param segment its memory; null for a revoked one, which is remembered and has none
   * @throws IOException when the device does not take it; nothing is left behind
   */
  MemoryRegion adopt(RegisteredMemory described, @Nullable MemorySegment segment)
      throws IOException {
    IntelRegion region =
        segment == null
            ? IntelRegion.revoked(connection, described)
            : adoptValid(described, segment);
    adopted.add(region);
    return region;
  }

  private IntelRegion adoptValid(RegisteredMemory described, MemorySegment segment)
      throws IOException {
    int stag = described.stag();
    adapter.stags().take(stag);
    DmaMapping mapping = null;
    try {
      if (segment.byteSize() > 0) {
        mapping = adapter.window().map(segment);
        requireSamePlace(described, mapping);
        enter(segment, stag, mapping, described.taggedOffset(), described.access());
      }
      IntelRegion region =
          new IntelRegion(
              connection,
              segment,
              segment.byteSize(),
              stag,
              described.taggedOffset(),
              described.access(),
              mapping,
              () -> {});
      byStag.put(stag, region);
      return region;
    } catch (IOException | RuntimeException | Error e) {
      if (mapping != null) {
        mapping.close();
      }
      adapter.stags().giveBack(stag);
      throw e;
    }
  }

  /** The device finds the place in a page by the tagged offset. */
  private static void requireSamePlace(RegisteredMemory described, DmaMapping mapping)
      throws NoRoomException {
    long wanted = described.taggedOffset() & (PAGE_BYTES - 1);
    long there = mapping.deviceAddress() & (PAGE_BYTES - 1);
    if (wanted != there) {
      throw new NoRoomException(
          "STag [%08x]: tagged offset [%016x] has place [%d] in its page, the memory has [%d]; register it with tagged offsets that are addresses"
              .formatted(described.stag(), described.taggedOffset(), wanted, there));
    }
  }

  /** Those that came along with a connection that does not stay after all. */
  void forgetAdopted() {
    for (IntelRegion region : adopted) {
      if (byStag.remove(region.stag(), region)) {
        takeOff(region);
      }
    }
  }

  /**
   * Tells the device. Tagged offsets are the host's addresses, but for the place in the page, which
   * is the device address': the device takes pages, and finds bytes in them by that.
   */
  private long enter(MemorySegment segment, int stag, DmaMapping mapping, Set<Access> rights)
      throws CommandException {
    long taggedOffset =
        (segment.address() & -PAGE_BYTES) | (mapping.deviceAddress() & (PAGE_BYTES - 1));
    enter(segment, stag, mapping, taggedOffset, rights);
    return taggedOffset;
  }

  private void enter(
      MemorySegment segment, int stag, DmaMapping mapping, long taggedOffset, Set<Access> rights)
      throws CommandException {
    CqpStag.Region region = new CqpStag.Region();
    region.stag = stag;
    region.pdId = pdId;
    region.lengthBytes = segment.byteSize();
    region.accessRights = rightsOf(segment, rights);
    // Inference: this bit, which the vendor sets together with both other rights, is what the
    // device asks for when a peer invalidates an STag; there is none that only allows that.
    region.flags =
        CqpStag.IRDMA_CQPSQ_STAG_REMACCENABLED.of(rights.contains(Access.REMOTE_INVALIDATE));
    region.deviceAddress = mapping.deviceAddress() & -PAGE_BYTES;
    region.hostAddress = taggedOffset;
    region.addressBased = true;
    adapter
        .control()
        .run(
            "REG_MR",
            (ring, wqe, valid) -> CqpStag.register(adapter.generation(), ring, wqe, region, valid));
  }

  private static int rightsOf(MemorySegment segment, Set<Access> rights) {
    return CqpStag.ACCESS_LOCALREAD
        | (segment.isReadOnly() ? 0 : CqpStag.ACCESS_LOCALWRITE)
        | (rights.contains(Access.REMOTE_READ) ? CqpStag.ACCESS_REMOTEREAD_ONLY : 0)
        | (rights.contains(Access.REMOTE_WRITE) ? CqpStag.ACCESS_REMOTEWRITE_ONLY : 0);
  }

  /** Revokes a region's STag, waits until nothing uses its memory any more, and frees it. */
  void deregister(IntelRegion region) {
    if (!region.beginClose()) {
      return;
    }
    if (detach(region)) {
      region.release();
    } else {
      adapter.keepUntilClosed("bytes of STag [%08x]".formatted(region.stag()), region::release);
    }
    adapter.context().events().deregistered(connection, region);
  }

  /**
   * Takes a region off the device, if it lets go; its memory is still there. Until then a move
   * describes it, as a revoked one.
   */
  private boolean detach(IntelRegion region) {
    region.invalidate();
    connection.awaitUnused(region);
    return !byStag.remove(region.stag(), region) || takeOff(region);
  }

  private boolean takeOff(IntelRegion region) {
    boolean gone = true;
    if (region.isOnDevice()) {
      gone = leave(region.stag());
    }
    if (gone) {
      region.unmap();
      adapter.stags().giveBack(region.stag());
    } else {
      // A peer could still name it.
      adapter.keepUntilClosed("memory of STag [%08x]".formatted(region.stag()), region::unmap);
    }
    return gone;
  }

  /** Tells the device; false when it still has the STag, which then is lost with it. */
  private boolean leave(int stag) {
    try {
      adapter
          .control()
          .insist(
              "DEALLOC_STAG",
              (ring, wqe, valid) ->
                  CqpStag.deallocate(
                      adapter.generation(), ring, wqe, stag, pdId, /* isRegion= */ true, valid));
      return true;
    } catch (CommandException e) {
      if (e.majorError() != CommandException.SILENT
          && e.minorError() == CompletionEntry.CQP_MINOR_STAG_INVALID) {
        // Somebody has invalidated it before: the entry is free all the same.
        return true;
      }
      e.log(adapter.context().logger(), "STag [%08x]".formatted(stag));
      return false;
    }
  }

  /** Closes all that are left. */
  void close() {
    for (IntelRegion region : byStag.values()) {
      deregister(region);
    }
  }

  /** Those of a connection that has left, and that nothing uses here any more. */
  void forgetAll() {
    for (IntelRegion region : List.copyOf(byStag.values())) {
      if (byStag.remove(region.stag(), region)) {
        takeOff(region);
      }
    }
  }

  /** By STag, those included that were revoked before they came here. */
  Map<Integer, RegisteredMemory> describe() {
    Map<Integer, RegisteredMemory> all = new LinkedHashMap<>();
    byStag.values().forEach(region -> all.put(region.stag(), region.describe()));
    for (IntelRegion region : adopted) {
      if (!region.isClosed()) {
        all.putIfAbsent(region.stag(), region.describe());
      }
    }
    return all;
  }

  /** Takes all that are left off the device; the application may still look at their memory. */
  void detachAll() {
    for (IntelRegion region : byStag.values()) {
      detach(region);
    }
  }
}
