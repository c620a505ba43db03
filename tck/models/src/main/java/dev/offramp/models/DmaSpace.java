package dev.offramp.models;

import dev.offramp.spi.port.DmaMapping;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Memory of the host that an adapter can reach, as behind an IOMMU: what is not allocated or mapped
 * cannot be reached, an address is never used twice, there is a gap around each piece, and no
 * address fits 32 bits. So a wrong address in a command is a fault and never somebody else's
 * memory. Counts what is held, and by whom. Safe for any thread; look-ups do not lock.
 */
public final class DmaSpace implements DeviceMemory {
  /** Above 4 GiB: an address that a driver cuts to 32 bits leads nowhere. */
  private static final long FIRST_ADDRESS = 0x0000_5B00_0000_0000L;

  private static final long GUARD_BYTES = 64 << 10;

  /** A mapped address keeps its place in the page, as with an IOMMU. */
  private static final long PAGE_BYTES = 4096;

  /** Kinds of pieces. */
  public enum Kind {
    /** Allocated by {@link dev.offramp.spi.port.DeviceWindow#allocate}. */
    SLAB,
    /** An application's memory, made reachable by {@link dev.offramp.spi.port.DeviceWindow#map}. */
    MAPPING
  }

  /**
   * A piece that is open.
   *
   * @param kind which
   * @param deviceAddress where it begins, for the adapter
   * @param sizeBytes how long it is
   * @param site the stack of whoever asked for it
   */
  public record Piece(Kind kind, long deviceAddress, long sizeBytes, List<StackTraceElement> site) {
    private static final int SHOWN_FRAMES = 4;

    public Piece {
      site = List.copyOf(site);
    }

    @Override
    public String toString() {
      String from =
          site.stream()
              .limit(SHOWN_FRAMES)
              .map(frame -> "\n    at " + frame)
              .collect(Collectors.joining());
      return "%s of %d bytes at device address [%#x], taken%s"
          .formatted(kind, sizeBytes, deviceAddress, from);
    }
  }

  /** Sorted by address; replaced as a whole, so that readers need no lock. */
  private static final class Table {
    private final long[] addresses;
    private final Held[] pieces;

    Table(long[] addresses, Held[] pieces) {
      this.addresses = addresses;
      this.pieces = pieces;
    }

    Table with(Held added) {
      int count = addresses.length;
      long[] moreAddresses = Arrays.copyOf(addresses, count + 1);
      Held[] morePieces = Arrays.copyOf(pieces, count + 1);
      // Addresses only grow.
      moreAddresses[count] = added.address;
      morePieces[count] = added;
      return new Table(moreAddresses, morePieces);
    }

    Table without(Held removed) {
      int at = Arrays.binarySearch(addresses, removed.address);
      int count = addresses.length;
      long[] fewerAddresses = new long[count - 1];
      Held[] fewerPieces = new Held[count - 1];
      System.arraycopy(addresses, 0, fewerAddresses, 0, at);
      System.arraycopy(addresses, at + 1, fewerAddresses, at, count - at - 1);
      System.arraycopy(pieces, 0, fewerPieces, 0, at);
      System.arraycopy(pieces, at + 1, fewerPieces, at, count - at - 1);
      return new Table(fewerAddresses, fewerPieces);
    }
  }

  private final long limitBytes;
  private volatile Table table = new Table(new long[0], new Held[0]);
  private long next = FIRST_ADDRESS;
  private long slabBytes;

  /**
   * A space with nothing in it.
   *
   * @param limitBytes what slabs may have in all; mappings do not count
   */
  public DmaSpace(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  @Override
  public MemorySegment at(long deviceAddress, long sizeBytes) throws DmaFaultException {
    Table current = table;
    int found = Arrays.binarySearch(current.addresses, deviceAddress);
    int index = found >= 0 ? found : -found - 2;
    if (index >= 0 && sizeBytes >= 0) {
      Held piece = current.pieces[index];
      long offset = deviceAddress - piece.address;
      if (offset <= piece.segment.byteSize() && sizeBytes <= piece.segment.byteSize() - offset) {
        return piece.segment.asSlice(offset, sizeBytes);
      }
    }
    throw new DmaFaultException(deviceAddress, sizeBytes);
  }

  /**
   * Memory for both, zeroed.
   *
   * @param sizeBytes above 0
   * @param alignmentBytes of the device address; a power of two
   * @throws OutOfDeviceMemoryException when there is not enough
   */
  @SuppressWarnings("MustBeClosedChecker") // the slab closes it
  public DmaSlab allocate(long sizeBytes, long alignmentBytes) {
    if (sizeBytes <= 0 || Long.bitCount(alignmentBytes) != 1 || alignmentBytes < 0) {
      throw new IllegalArgumentException(
          "a slab of [%d] bytes aligned to [%d]: expected more than 0 and a power of two"
              .formatted(sizeBytes, alignmentBytes));
    }
    List<StackTraceElement> site = site();
    synchronized (this) {
      if (sizeBytes > limitBytes - slabBytes) {
        throw new OutOfDeviceMemoryException(sizeBytes, limitBytes);
      }
      Arena arena = Arena.ofShared();
      try {
        MemorySegment segment =
            arena.allocate(sizeBytes, Math.min(PAGE_BYTES, Math.max(alignmentBytes, Long.BYTES)));
        Slab slab = new Slab(place(sizeBytes, alignmentBytes, 0), segment, site, arena);
        slabBytes += sizeBytes;
        table = table.with(slab);
        return slab;
      } catch (RuntimeException | Error e) {
        arena.close();
        throw e;
      }
    }
  }

  /**
   * Makes memory of an application reachable.
   *
   * @param segment native; must stay alive as long as the mapping is open
   */
  public DmaMapping map(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "seen [a segment on the Java heap], expected native memory; allocate it with an Arena");
    }
    List<StackTraceElement> site = site();
    synchronized (this) {
      long inPage = segment.address() & PAGE_BYTES - 1;
      long address = place(segment.byteSize() + inPage, PAGE_BYTES, inPage);
      Mapping mapping = new Mapping(address, segment, site);
      table = table.with(mapping);
      return mapping;
    }
  }

  /** What is open. */
  public List<Piece> open() {
    return Arrays.stream(table.pieces).map(Held::describe).toList();
  }

  /** How many slabs are open. */
  public int slabCount() {
    return count(Kind.SLAB);
  }

  /** How many mappings are open. */
  public int mappingCount() {
    return count(Kind.MAPPING);
  }

  /** How many bytes all open slabs have. */
  public synchronized long slabBytes() {
    return slabBytes;
  }

  /** What is open and who took it, for people; empty when nothing is. */
  public String leaks() {
    return open().stream().map(Piece::toString).collect(Collectors.joining("\n"));
  }

  private int count(Kind kind) {
    return (int) Arrays.stream(table.pieces).filter(piece -> piece.kind == kind).count();
  }

  /** Takes the next place; the caller has the lock. */
  private long place(long sizeBytes, long alignmentBytes, long offset) {
    long address = next + alignmentBytes - 1 & -alignmentBytes;
    next = address + sizeBytes + GUARD_BYTES;
    return address + offset;
  }

  private static List<StackTraceElement> site() {
    String own = DmaSpace.class.getName();
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame ->
                    !frame.getClassName().equals(own)
                        && !frame.getClassName().equals(ModelWindow.class.getName()))
                .limit(16)
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList());
  }

  private synchronized boolean remove(Held piece) {
    if (piece.closed) {
      return false;
    }
    piece.closed = true;
    table = table.without(piece);
    if (piece.kind == Kind.SLAB) {
      slabBytes -= piece.segment.byteSize();
    }
    return true;
  }

  private abstract class Held {
    final Kind kind;
    final long address;
    final MemorySegment segment;
    private final List<StackTraceElement> site;
    private boolean closed;

    Held(Kind kind, long address, MemorySegment segment, List<StackTraceElement> site) {
      this.kind = kind;
      this.address = address;
      this.segment = segment;
      this.site = site;
    }

    DmaSpace space() {
      return DmaSpace.this;
    }

    Piece describe() {
      return new Piece(kind, address, segment.byteSize(), site);
    }
  }

  private final class Slab extends Held implements DmaSlab {
    private final Arena arena;

    Slab(long address, MemorySegment segment, List<StackTraceElement> site, Arena arena) {
      super(Kind.SLAB, address, segment, site);
      this.arena = arena;
    }

    @Override
    public long deviceAddress() {
      return address;
    }

    @Override
    public MemorySegment segment() {
      return segment;
    }

    @Override
    public void close() {
      if (remove(this)) {
        arena.close();
      }
    }
  }

  private final class Mapping extends Held implements DmaMapping {
    Mapping(long address, MemorySegment segment, List<StackTraceElement> site) {
      super(Kind.MAPPING, address, segment, site);
    }

    @Override
    public long deviceAddress() {
      return address;
    }

    @Override
    public void close() {
      remove(this);
    }
  }

  /** Whether a slab is one of this space's. */
  boolean owns(DmaSlab slab) {
    return slab instanceof Slab own && own.space() == this;
  }
}
