package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Regions begin at tagged offset 0, as an RNIC may have it. The driver below has them begin at
 * their address, so tagged offsets are moved on their way, and back where they are repeated.
 */
final class ZeroBased extends Defect {
  private static final int SINK_STAG = Segment.UNTAGGED_BYTES;
  private static final int SOURCE_STAG = Segment.UNTAGGED_BYTES + 16;
  private static final int ATOMIC_STAG = Segment.UNTAGGED_BYTES + 8;
  private static final int TERMINATE_LAYER = Segment.UNTAGGED_BYTES;
  private static final int TERMINATE_COPY = Segment.UNTAGGED_BYTES + 6;
  private static final Map<Integer, Integer> BOUNDS_TO_WRAP =
      Map.of(0x1101, 0x1103, 0x0101, 0x0104);

  private final Map<Integer, Long> bases = new ConcurrentHashMap<>();

  /** Regions that come along stay where their peer knows them. */
  @Override
  IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor) {
    descriptor
        .get(DescriptorFields.REGIONS)
        .orElse(List.of())
        .forEach(region -> bases.put(region.stag(), 0L));
    return descriptor;
  }

  @Override
  MemoryRegion region(MemoryRegion honest) {
    bases.put(honest.stag(), honest.taggedOffset());
    return new Region(honest);
  }

  @Override
  StreamEdit stream(IwarpConnectionDescriptor descriptor) {
    return new Moved();
  }

  private final class Moved extends StreamEdit {
    /** What was read in place of a segment, and the segment. */
    private final Map<Integer, byte[][]> pairs = new HashMap<>();

    @Override
    boolean editsInput() {
      return true;
    }

    @Override
    boolean editsOutput() {
      return true;
    }

    @Override
    boolean showsBadFraming() {
      return true;
    }

    @Override
    List<byte[]> in(byte[] ulpdu) {
      int stagAt =
          switch (Segment.opcode(ulpdu)) {
            case Segment.READ_REQUEST -> SOURCE_STAG;
            case Segment.ATOMIC_REQUEST -> ATOMIC_STAG;
            default -> Segment.STAG;
          };
      if (Segment.isTagged(ulpdu) != (stagAt == Segment.STAG)) {
        return List.of(ulpdu);
      }
      byte[] moved = moved(ulpdu, stagAt, 1);
      pairs.put(
          Arrays.hashCode(Arrays.copyOf(moved, Segment.headerBytes(moved))),
          new byte[][] {moved, ulpdu});
      return List.of(moved);
    }

    @Override
    List<byte[]> out(byte[] ulpdu) {
      return switch (Segment.opcode(ulpdu)) {
        case Segment.READ_REQUEST -> List.of(moved(ulpdu, SINK_STAG, -1));
        case Segment.TERMINATE -> List.of(terminate(ulpdu));
        default -> List.of(ulpdu);
      };
    }

    private byte[] terminate(byte[] ulpdu) {
      if (ulpdu.length <= TERMINATE_COPY) {
        return ulpdu;
      }
      byte[] copy = Arrays.copyOfRange(ulpdu, TERMINATE_COPY, ulpdu.length);
      byte[][] pair = pairs.get(Arrays.hashCode(Arrays.copyOf(copy, Segment.headerBytes(copy))));
      if (pair == null) {
        return ulpdu;
      }
      byte[] changed = ulpdu.clone();
      System.arraycopy(pair[1], 0, changed, TERMINATE_COPY, Math.min(copy.length, pair[1].length));
      int triple = Segment.word(ulpdu, TERMINATE_LAYER) >>> 16;
      int wrap = BOUNDS_TO_WRAP.getOrDefault(triple, triple);
      if (wraps(pair[1])) {
        ByteBuffer.wrap(changed).putShort(TERMINATE_LAYER, (short) wrap);
      }
      return changed;
    }
  }

  /** Whether a segment's bytes go beyond 2^64. */
  private static boolean wraps(byte[] ulpdu) {
    ByteBuffer bytes = ByteBuffer.wrap(ulpdu);
    boolean tagged = Segment.isTagged(ulpdu);
    long from = bytes.getLong(tagged ? Segment.TAGGED_OFFSET : SOURCE_STAG + 4);
    long count = tagged ? ulpdu.length - Segment.TAGGED_BYTES : bytes.getInt(SINK_STAG + 12);
    return from < 0 && from + count > 0;
  }

  private byte[] moved(byte[] ulpdu, int stagAt, int sign) {
    if (ulpdu.length < stagAt + 12) {
      return ulpdu;
    }
    byte[] changed = ulpdu.clone();
    ByteBuffer bytes = ByteBuffer.wrap(changed);
    Long base = bases.get(bytes.getInt(stagAt));
    if (base != null) {
      bytes.putLong(stagAt + 4, bytes.getLong(stagAt + 4) + sign * base);
    }
    return changed;
  }

  private record Region(MemoryRegion inner) implements MemoryRegion {
    @Override
    public int stag() {
      return inner.stag();
    }

    @Override
    public long taggedOffset() {
      return 0;
    }

    @Override
    public long sizeBytes() {
      return inner.sizeBytes();
    }

    @Override
    public MemorySegment segment() {
      return inner.segment();
    }

    @Override
    public LocalBuffer slice(long offsetBytes, long lengthBytes) {
      return inner.slice(offsetBytes, lengthBytes);
    }

    @Override
    public boolean isValid() {
      return inner.isValid();
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
