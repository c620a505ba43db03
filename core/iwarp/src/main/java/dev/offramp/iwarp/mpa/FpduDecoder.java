package dev.offramp.iwarp.mpa;

import dev.offramp.api.descriptor.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Finds FPDUs in one direction's octets, however TCP cuts them, and checks each before its ULPDU
 * goes up (RFC 5044, section 6). Memory is bounded by the staging buffer.
 *
 * <p>Read bytes into {@link #buffer}, say how many with {@link #received}, then call {@link #next}
 * until it wants more. Not safe for use by several threads.
 */
public final class FpduDecoder {
  /** What {@link #next} found. */
  public enum Verdict {
    /** No complete FPDU is there yet. */
    NEED_MORE,
    /** A valid ULPDU is at {@link #ulpduOffset}. */
    ULPDU,
    /** The CRC differs (RFC 5044, section 8, code 2). */
    CRC_MISMATCH,
    /** A marker does not point to the length field (code 3). */
    MARKER_MISMATCH
  }

  private static final int LENGTH_BYTES = 2;
  private static final int CRC_BYTES = 4;
  private static final int MAX_ULPDU_BYTES = 0xFFFF;
  private static final int MAX_MARKERS = MAX_ULPDU_BYTES / Marker.CONTENT_BETWEEN + 2;

  /** One FPDU never takes more, markers included. */
  private static final int MAX_FPDU_BYTES =
      LENGTH_BYTES + MAX_ULPDU_BYTES + 3 + CRC_BYTES + MAX_MARKERS * Marker.BYTES;

  /** The smallest staging buffer: it must take the longest FPDU. */
  public static final int MIN_STAGING_BYTES = MAX_FPDU_BYTES + Marker.SPACING;

  /** What {@link #missingBytes} says when it cannot be told. */
  public static final int UNKNOWN = -1;

  private final boolean crcOn;
  private final boolean markers;
  private final StreamMemory memory;
  private StreamMemory.Staging borrowed = StreamMemory.Staging.NONE;
  private ByteBuffer staging = borrowed.bytes;
  private MemorySegment segment = borrowed.segment;
  private final Crc32c crc = new Crc32c();

  private int head;
  private int tail;
  private long position;
  private int ulpduOffset;
  private int ulpduLength;

  /**
   * A decoder.
   *
   * @param crc whether the CRC field is checked
   * @param markers whether the peer inserts markers
   * @param position octets of this direction since its first FPDU: 0 unless the connection moved
   * @param stagingBytes size of the staging buffer, at least {@link #MIN_STAGING_BYTES}
   */
  public FpduDecoder(boolean crc, boolean markers, long position, int stagingBytes) {
    this(crc, markers, position, new StreamMemory(stagingBytes));
  }

  /**
   * A decoder that borrows its staging buffer.
   *
   * @param crc whether the CRC field is checked
   * @param markers whether the peer inserts markers
   * @param position octets of this direction since its first FPDU: 0 unless the connection moved
   * @param memory where from
   */
  public FpduDecoder(boolean crc, boolean markers, long position, StreamMemory memory) {
    this.crcOn = crc;
    this.markers = markers;
    this.position = position;
    this.memory = memory;
  }

  /** Where the next bytes go: a view with room, valid until the next call of any method. */
  public ByteBuffer buffer() {
    if (staging.capacity() < memory.stagingBytes()) {
      moveTo(memory.takeStaging());
    } else if (head == tail) {
      head = 0;
      tail = 0;
    } else if (staging.capacity() - tail < MAX_FPDU_BYTES) {
      // Only an unfinished FPDU is left here, so little is moved, and reads stay large.
      MemorySegment.copy(segment, head, segment, 0, tail - head);
      tail -= head;
      head = 0;
    }
    return borrowed.window.limit(staging.capacity()).position(tail);
  }

  /**
   * Gives the staging buffer back until more comes; the beginning of an FPDU is kept in a buffer of
   * about its size.
   */
  public void releaseIdleMemory() {
    int kept = tail - head;
    if (kept == 0) {
      if (borrowed != StreamMemory.Staging.NONE) {
        moveTo(StreamMemory.Staging.NONE);
      }
    } else if (staging.capacity() == memory.stagingBytes() && 2 * kept <= staging.capacity()) {
      moveTo(memory.takeRemainder(kept));
    }
  }

  private void moveTo(StreamMemory.Staging to) {
    int count = tail - head;
    if (count > 0) {
      MemorySegment.copy(segment, head, to.segment, 0, count);
    }
    if (borrowed != StreamMemory.Staging.NONE) {
      memory.giveBack(borrowed);
    }
    borrowed = to;
    staging = to.bytes;
    segment = to.segment;
    head = 0;
    tail = count;
  }

  /** Says that {@code count} bytes have been put at the start of {@link #buffer}. */
  public void received(int count) {
    if (count < 0 || count > staging.capacity() - tail) {
      throw new IllegalArgumentException("[" + count + "] bytes cannot have been received");
    }
    tail += count;
  }

  /** Looks for the next FPDU. After a mismatch the decoder must not be used any more. */
  public Verdict next() {
    int lead = markers && Marker.isDue(position) ? Marker.BYTES : 0;
    int available = tail - head;
    if (available < lead + LENGTH_BYTES) {
      return Verdict.NEED_MORE;
    }
    int lengthField = head + lead;
    int length = staging.getShort(lengthField) & 0xFFFF;
    int content = LENGTH_BYTES + length + (-(LENGTH_BYTES + length) & 3) + CRC_BYTES;
    int firstMarker = Marker.distance(position + lead);
    int inner = markers && content > firstMarker ? markersBeyond(content - firstMarker) : 0;
    int total = lead + content + inner * Marker.BYTES;
    if (available < total) {
      return Verdict.NEED_MORE;
    }
    if (crcOn && !isCrcRight(total)) {
      return Verdict.CRC_MISMATCH;
    }
    if (markers) {
      if (!doMarkersPoint(lengthField, lead, inner, firstMarker)) {
        return Verdict.MARKER_MISMATCH;
      }
      removeMarkers(lengthField, length, inner, firstMarker);
    }
    ulpduOffset = lengthField + LENGTH_BYTES;
    ulpduLength = length;
    head += total;
    position += total;
    return Verdict.ULPDU;
  }

  /** The staging buffer, in which {@link #ulpduOffset} counts; as long as that. */
  public ByteBuffer bytes() {
    return staging;
  }

  /** The staging buffer as a segment; as long as that. */
  public MemorySegment segment() {
    return segment;
  }

  public int ulpduOffset() {
    return ulpduOffset;
  }

  public int ulpduLength() {
    return ulpduLength;
  }

  /** Octets of this direction since its first FPDU, up to the end of the last complete FPDU. */
  public long position() {
    return position;
  }

  /** Bytes of an FPDU that is not complete; 0 between FPDUs. */
  public int unfinishedBytes() {
    return tail - head;
  }

  /**
   * How many octets the FPDU under way still needs; 0 between FPDUs, and {@link #UNKNOWN} while its
   * length is not there.
   */
  public int missingBytes() {
    int available = tail - head;
    int lead = markers && Marker.isDue(position) ? Marker.BYTES : 0;
    if (available == 0) {
      return 0;
    }
    if (available < lead + LENGTH_BYTES) {
      return UNKNOWN;
    }
    int length = staging.getShort(head + lead) & 0xFFFF;
    int content = LENGTH_BYTES + length + (-(LENGTH_BYTES + length) & 3) + CRC_BYTES;
    int firstMarker = Marker.distance(position + lead);
    int inner = markers && content > firstMarker ? markersBeyond(content - firstMarker) : 0;
    return Math.max(0, lead + content + inner * Marker.BYTES - available);
  }

  /** A copy of the bytes of which no FPDU was made: whole ones, and the beginning of one. */
  public Octets unconsumed() {
    return Octets.copyOf(staging.slice(head, tail - head));
  }

  /** Forgets what is staged: the stream is over. */
  public void discard() {
    head = tail;
  }

  private static int markersBeyond(int contentAfterFirst) {
    return 1 + (contentAfterFirst - 1) / Marker.CONTENT_BETWEEN;
  }

  private boolean isCrcRight(int total) {
    crc.reset();
    crc.update(borrowed.summed, head, total - CRC_BYTES);
    return crc.wireValue() == staging.getInt(head + total - CRC_BYTES);
  }

  private boolean doMarkersPoint(int lengthField, int lead, int inner, int firstMarker) {
    if (lead != 0 && Marker.pointer(staging, head) != 0) {
      return false;
    }
    int distance = firstMarker;
    for (int i = 0; i < inner; i++) {
      if (Marker.pointer(staging, lengthField + distance) != (distance & Marker.POINTER_MASK)) {
        return false;
      }
      distance += Marker.SPACING;
    }
    return true;
  }

  private void removeMarkers(int lengthField, int length, int inner, int firstMarker) {
    int end = lengthField + LENGTH_BYTES + length + inner * Marker.BYTES;
    int to = lengthField + firstMarker;
    int from = to + Marker.BYTES;
    for (int i = 0; i < inner && from < end; i++) {
      int count = Math.min(Marker.CONTENT_BETWEEN, end - from);
      MemorySegment.copy(segment, from, segment, to, count);
      to += count;
      from += count + Marker.BYTES;
    }
  }
}
