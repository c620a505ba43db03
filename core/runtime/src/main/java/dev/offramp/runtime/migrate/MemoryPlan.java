package dev.offramp.runtime.migrate;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which memory the regions of a connection have, on its way to another process. Regions that share
 * memory share it there, too: what overlaps is one area.
 *
 * <pre>
 * u32 count, u64 size of each area; u32 count, then u32 STag, u32 area, u64 offset of each region
 * </pre>
 *
 * @param areaBytes the size of each area
 * @param placements where each region is
 */
record MemoryPlan(List<Long> areaBytes, List<Placement> placements) {
  private static final int PLACEMENT_BYTES = 2 * Integer.BYTES + Long.BYTES;

  MemoryPlan {
    areaBytes = List.copyOf(areaBytes);
    placements = List.copyOf(placements);
  }

  /**
   * Where a region is.
   *
   * @param area the number of its area, from 0
   * @param offsetBytes its first byte there
   */
  record Placement(int stag, int area, long offsetBytes) {}

  /** One region with the addresses that its memory has here. */
  record Extent(int stag, long address, long sizeBytes) {
    long end() {
      return address + sizeBytes;
    }
  }

  /** The plan for memory at these addresses. */
  static MemoryPlan of(List<Extent> extents) {
    List<Long> areas = new ArrayList<>();
    List<Placement> placements = new ArrayList<>();
    long start = 0;
    long end = 0;
    for (Extent extent : sorted(extents)) {
      if (areas.isEmpty() || extent.address() >= end) {
        start = extent.address();
        end = extent.end();
        areas.add(end - start);
      } else if (extent.end() > end) {
        end = extent.end();
        areas.set(areas.size() - 1, end - start);
      }
      placements.add(new Placement(extent.stag(), areas.size() - 1, extent.address() - start));
    }
    return new MemoryPlan(areas, placements);
  }

  /** By address; of two with the same one the longer first. */
  static List<Extent> sorted(List<Extent> extents) {
    return extents.stream()
        .sorted(
            Comparator.comparingLong(Extent::address)
                .thenComparing(Comparator.comparingLong(Extent::sizeBytes).reversed()))
        .toList();
  }

  ByteBuffer encode() {
    ByteBuffer bytes =
        ByteBuffer.allocate(
            2 * Integer.BYTES
                + Long.BYTES * areaBytes.size()
                + PLACEMENT_BYTES * placements.size());
    bytes.putInt(areaBytes.size());
    areaBytes.forEach(bytes::putLong);
    bytes.putInt(placements.size());
    placements.forEach(
        each -> bytes.putInt(each.stag()).putInt(each.area()).putLong(each.offsetBytes()));
    return bytes.flip();
  }

  /**
   * A plan, its form checked.
   *
   * @throws MigrationException PROTOCOL when it has another length than it says
   */
  static MemoryPlan decode(ByteBuffer bytes) throws MigrationException {
    List<Long> areas = new ArrayList<>();
    int count = count(bytes, Long.BYTES);
    for (int i = 0; i < count; i++) {
      areas.add(bytes.getLong());
    }
    List<Placement> placements = new ArrayList<>();
    count = count(bytes, PLACEMENT_BYTES);
    for (int i = 0; i < count; i++) {
      placements.add(new Placement(bytes.getInt(), bytes.getInt(), bytes.getLong()));
    }
    if (bytes.hasRemaining()) {
      throw wrong("[" + bytes.remaining() + "] bytes more than it says", "none");
    }
    return new MemoryPlan(areas, placements);
  }

  private static int count(ByteBuffer bytes, int eachBytes) throws MigrationException {
    int count = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
    if (count < 0 || count > bytes.remaining() / eachBytes) {
      throw wrong("[" + count + "] entries", "as many as there are");
    }
    return count;
  }

  /**
   * Compares it with the descriptor that it goes with: each valid region has one place, inside its
   * area, and no area has a byte of no region.
   *
   * @param limitBytes of all areas together
   * @throws MigrationException TOO_LARGE beyond the limit, PROTOCOL for what contradicts
   */
  void require(List<RegisteredMemory> regions, long limitBytes) throws MigrationException {
    requireWithin(limitBytes);
    Map<Integer, RegisteredMemory> described = new HashMap<>();
    regions.forEach(region -> described.put(region.stag(), region));
    List<Extent> covering = new ArrayList<>();
    for (Placement placement : placements) {
      RegisteredMemory region = described.remove(placement.stag());
      if (region == null) {
        throw wrong(stag(placement.stag()), "each STag of the descriptor once");
      }
      if (placement.area() < 0
          || placement.area() >= areaBytes.size()
          || placement.offsetBytes() < 0
          || placement.offsetBytes() > areaBytes.get(placement.area()) - region.sizeBytes()) {
        throw wrong(stag(placement.stag()) + " at " + placement, "a place inside an area");
      }
      covering.add(new Extent(placement.area(), placement.offsetBytes(), region.sizeBytes()));
    }
    for (RegisteredMemory left : described.values()) {
      if (left.valid()) {
        throw wrong(stag(left.stag()) + " without a place", "one for each valid STag");
      }
    }
    requireCovered(covering);
  }

  private void requireWithin(long limitBytes) throws MigrationException {
    long left = limitBytes;
    for (long size : areaBytes) {
      if (size < 0 || size > left) {
        throw new MigrationException(
            Reason.TOO_LARGE,
            "registered memory of more than ["
                + limitBytes
                + "] bytes, expected at most that; allow more at the receiver");
      }
      left -= size;
    }
  }

  /**
   * No area is larger than what is registered of it, and none is there for no region: each costs
   * something even without a byte.
   *
   * @param covering with the number of the area in the STag's place
   */
  private void requireCovered(List<Extent> covering) throws MigrationException {
    long[] covered = new long[areaBytes.size()];
    boolean[] used = new boolean[areaBytes.size()];
    for (Extent extent : sorted(covering)) {
      int area = extent.stag();
      used[area] = true;
      if (extent.address() <= covered[area]) {
        covered[area] = Math.max(covered[area], extent.end());
      }
    }
    for (int area = 0; area < covered.length; area++) {
      if (!used[area] || covered[area] != areaBytes.get(area)) {
        throw wrong(
            "area [" + area + "] of " + areaBytes.get(area) + " bytes",
            used[area]
                ? covered[area] + ", which is what its regions have"
                : "no area without a region");
      }
    }
  }

  private static String stag(int stag) {
    return "STag [%08x]".formatted(stag);
  }

  private static MigrationException wrong(String seen, String expected) {
    return new MigrationException(
        Reason.PROTOCOL, "a plan of memory with " + seen + ", expected " + expected);
  }
}
