package dev.offramp.iwarp.rdmap;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Local memory of one work request: pieces of regions, in order. A caller keeps one and fills it
 * anew for each request; posting copies it. Not safe for use by several threads.
 */
public final class LocalBuffers {
  private static final @Nullable Region[] NO_REGIONS = {};
  private static final long[] NO_LENGTHS = {};

  private final int capacity;

  /** Most requests have one piece, so the first needs no arrays. */
  private @Nullable Region first;

  private long firstOffset;
  private long firstLength;

  /** The second piece is at index 0. */
  private @Nullable Region[] regions = NO_REGIONS;

  private long[] offsets = NO_LENGTHS;
  private long[] lengths = NO_LENGTHS;
  private int count;
  private long total;

  /** An empty list with room for {@code capacity} pieces. */
  public LocalBuffers(int capacity) {
    this.capacity = capacity;
  }

  /** Empties the list. */
  public LocalBuffers clear() {
    // A list must not keep a region from the garbage collector.
    first = null;
    for (int i = 1; i < count; i++) {
      regions[i - 1] = null;
    }
    count = 0;
    total = 0;
    return this;
  }

  /**
   * Adds a piece.
   *
   * @throws IndexOutOfBoundsException when the piece is not inside its region, or the list is full
   */
  public LocalBuffers add(Region region, long offset, long length) {
    Objects.checkFromIndexSize(offset, length, region.sizeBytes());
    Objects.checkIndex(count, capacity);
    total = Math.addExact(total, length);
    if (count == 0) {
      first = region;
      firstOffset = offset;
      firstLength = length;
    } else {
      reserve(count);
      regions[count - 1] = region;
      offsets[count - 1] = offset;
      lengths[count - 1] = length;
    }
    count++;
    return this;
  }

  /** Room for more than one piece is made when it is first needed. */
  private void reserve(int further) {
    if (further > regions.length) {
      int size = Math.max(further, 2 * regions.length);
      regions = Arrays.copyOf(regions, size);
      offsets = Arrays.copyOf(offsets, size);
      lengths = Arrays.copyOf(lengths, size);
    }
  }

  public int count() {
    return count;
  }

  public long totalBytes() {
    return total;
  }

  Region region(int index) {
    Region region = index == 0 ? first : regions[index - 1];
    if (region == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return region;
  }

  long offset(int index) {
    return index == 0 ? firstOffset : offsets[index - 1];
  }

  long length(int index) {
    return index == 0 ? firstLength : lengths[index - 1];
  }

  /** Takes the pieces of another list; this one is empty. */
  void copyFrom(LocalBuffers other) {
    first = other.first;
    firstOffset = other.firstOffset;
    firstLength = other.firstLength;
    int further = other.count - 1;
    if (further > 0) {
      reserve(further);
      System.arraycopy(other.regions, 0, regions, 0, further);
      System.arraycopy(other.offsets, 0, offsets, 0, further);
      System.arraycopy(other.lengths, 0, lengths, 0, further);
    }
    count = other.count;
    total = other.total;
  }

  boolean areValid() {
    for (int i = 0; i < count; i++) {
      if (!region(i).isValid()) {
        return false;
      }
    }
    return true;
  }

  boolean areWritable() {
    for (int i = 0; i < count; i++) {
      if (!region(i).isWritable()) {
        return false;
      }
    }
    return true;
  }

  boolean areOfDomain(int domain) {
    for (int i = 0; i < count; i++) {
      if (region(i).domain() != domain) {
        return false;
      }
    }
    return true;
  }
}
