package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Access;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The STags of one RNIC (RFC 5041, section 8.2). An STag is a 24-bit index and an 8-bit key; both
 * are drawn at random, so that one STag tells a peer nothing about others. Safe for use by several
 * threads; look-ups neither lock nor allocate.
 */
public final class MemoryTable {
  /** One for each of ten thousand regions and more, so that a look-up meets one or two. */
  private static final int MAX_BUCKETS = 1 << 14;

  private static final int KEY_MASK = 0xFF;
  private static final int KEY_BITS = 8;
  private static final int INDEX_BITS = 24;

  private final AtomicReferenceArray<@Nullable Region> buckets;
  private final RandomGenerator random;
  private final int capacity;
  private final int stagMask;
  private int size;

  /**
   * An empty table.
   *
   * @param random where STags come from; use a SecureRandom outside of tests
   * @param capacity how many regions there can be at once, 1..2^20
   */
  public MemoryTable(RandomGenerator random, int capacity) {
    this(random, capacity, INDEX_BITS);
  }

  /**
   * An empty table whose STags have small indices, for connections that shall be able to move to an
   * adapter with a table of that size.
   *
   * @param random where STags come from; use a SecureRandom outside of tests
   * @param capacity how many regions there can be at once, 1..2^20
   * @param indexBits of an STag's index, 1..24; there must be more indices than {@code capacity}
   */
  public MemoryTable(RandomGenerator random, int capacity, int indexBits) {
    if (indexBits < 1 || indexBits > INDEX_BITS || capacity >= 1 << indexBits) {
      throw new IllegalArgumentException(
          "seen [" + indexBits + "] bits of index for " + capacity + " regions, expected 1..24");
    }
    this.random = random;
    this.stagMask = (int) ((1L << (KEY_BITS + indexBits)) - 1);
    this.capacity = capacity;
    this.buckets =
        new AtomicReferenceArray<>(Integer.highestOneBit(Math.min(capacity, MAX_BUCKETS)));
  }

  /**
   * Registers memory.
   *
   * @param domain the protection domain whose streams may use it
   * @param segment the memory; it must stay allocated until the region is removed and not busy
   * @param taggedOffset the tagged offset of the first byte
   * @param access what the peer may do
   * @throws IllegalArgumentException when the range wraps 64 bits, or read-only memory is to be
   *     changed
   * @throws IllegalStateException when the table is full
   */
  public synchronized Region register(
      int domain, MemorySegment segment, long taggedOffset, Set<Access> access) {
    requireRoom(segment, taggedOffset, access);
    return add(new Region(unusedStag(), domain, taggedOffset, segment, access));
  }

  /**
   * Registers memory under an STag that somebody else chose, as an adapter does whose host keeps
   * the STags.
   *
   * @param stag its index must not be in use
   * @throws IllegalArgumentException as the other method does, and when an STag with this index is
   *     there
   * @throws IllegalStateException when the table is full
   */
  public synchronized Region register(
      int stag, int domain, MemorySegment segment, long taggedOffset, Set<Access> access) {
    requireRoom(segment, taggedOffset, access);
    if (!isIndexFree(stag)) {
      throw new IllegalArgumentException(
          "STag [%08x]: its index is in use; remove that region first".formatted(stag));
    }
    return add(new Region(stag, domain, taggedOffset, segment, access));
  }

  /**
   * Registers memory of a connection that moved here, under the STag that its peer knows. A stream
   * finds its own domain's regions first, so an STag of another domain may be the same one.
   *
   * @throws IllegalArgumentException as {@link #register} does, and when the domain has this STag
   * @throws IllegalStateException when the table is full
   */
  public synchronized Region adopt(
      int stag, int domain, MemorySegment segment, long taggedOffset, Set<Access> access) {
    requireRoom(segment, taggedOffset, access);
    Region other = find(stag, domain);
    if (other != null && other.domain() == domain) {
      throw new IllegalArgumentException(
          "STag [%08x] is in use on this connection".formatted(stag));
    }
    return add(new Region(stag, domain, taggedOffset, segment, access));
  }

  private void requireRoom(MemorySegment segment, long taggedOffset, Set<Access> access) {
    long end = taggedOffset + segment.byteSize();
    if (taggedOffset < 0 && end > 0) {
      throw new IllegalArgumentException("the range of tagged offsets wraps at 2^64");
    }
    if (segment.isReadOnly()
        && (access.contains(Access.REMOTE_WRITE) || access.contains(Access.REMOTE_ATOMIC))) {
      throw new IllegalArgumentException("read-only memory cannot be written by a peer");
    }
    if (size == capacity) {
      throw new IllegalStateException("all " + capacity + " STags are in use");
    }
  }

  private Region add(Region region) {
    int bucket = bucket(region.stag());
    region.next = buckets.get(bucket);
    buckets.set(bucket, region);
    size++;
    return region;
  }

  /** Invalidates a region and forgets its STag. Idempotent. */
  public synchronized void remove(Region region) {
    region.invalidate();
    int bucket = bucket(region.stag());
    Region before = null;
    for (Region at = buckets.get(bucket); at != null; at = at.next) {
      if (at == region) {
        if (before == null) {
          buckets.set(bucket, at.next);
        } else {
          before.next = at.next;
        }
        size--;
        return;
      }
      before = at;
    }
  }

  /** The region of an STag, valid or not; null when there is none. */
  public @Nullable Region find(int stag) {
    for (Region at = buckets.get(bucket(stag)); at != null; at = at.next) {
      if (at.stag() == stag) {
        return at;
      }
    }
    return null;
  }

  /** The region of an STag: the domain's own, or else another domain's; null when there is none. */
  public @Nullable Region find(int stag, int domain) {
    Region foreign = null;
    for (Region at = buckets.get(bucket(stag)); at != null; at = at.next) {
      if (at.stag() == stag) {
        if (at.domain() == domain) {
          return at;
        }
        foreign = at;
      }
    }
    return foreign;
  }

  private int unusedStag() {
    while (true) {
      int stag = random.nextInt() & stagMask;
      if (stag >> KEY_BITS != 0 && isIndexFree(stag)) {
        return stag;
      }
    }
  }

  private boolean isIndexFree(int stag) {
    for (Region at = buckets.get(bucket(stag)); at != null; at = at.next) {
      if ((at.stag() & ~KEY_MASK) == (stag & ~KEY_MASK)) {
        return false;
      }
    }
    return true;
  }

  /** By the index alone, so that keys of one index share a bucket. */
  private int bucket(int stag) {
    return (stag >> KEY_BITS) & (buckets.length() - 1);
  }
}
