package dev.offramp.iwarp.rdmap;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Local memory of one work request: pieces of regions, in order. A caller keeps one and fills it
 * anew for each request; posting copies it. Not safe for use by several threads.
 */
public final class LocalBuffers {
  private final int capacity;
  private @Nullable Region[] regions = new @Nullable Region[1];
  private long[] offsets = new long[1];
  private long[] lengths = new long[1];
  private int count;
  private long total;

  /** An empty list with room for {@code capacity} pieces. */
  public LocalBuffers(int capacity) {
    this.capacity = capacity;
  }

  /** Empties the list. */
  public LocalBuffers clear() {
    for (int i = 0; i < count; i++) {
      regions[i] = null;
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
    reserve(count + 1);
    regions[count] = region;
    offsets[count] = offset;
    lengths[count] = length;
    count++;
    total = Math.addExact(total, length);
    return this;
  }

  /** Most requests have one piece; room for more is made when it is first needed. */
  private void reserve(int pieces) {
    if (pieces > regions.length) {
      int size = Math.max(pieces, 2 * regions.length);
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
    Region region = regions[index];
    if (region == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return region;
  }

  long offset(int index) {
    return offsets[index];
  }

  long length(int index) {
    return lengths[index];
  }

  void copyFrom(LocalBuffers other) {
    clear();
    reserve(other.count);
    for (int i = 0; i < other.count; i++) {
      regions[i] = other.regions[i];
      offsets[i] = other.offsets[i];
      lengths[i] = other.lengths[i];
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
