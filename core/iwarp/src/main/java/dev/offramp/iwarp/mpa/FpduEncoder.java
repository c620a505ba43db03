package dev.offramp.iwarp.mpa;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Frames ULPDUs of one direction into a {@link TransmitBatch} (RFC 5044, section 4).
 *
 * <pre>
 * +------------------+----------------------------+---------+----------------+
 * | length (16 bits) | ULPDU, with markers inside | pad 0..3| CRC (32 bits)  |
 * +------------------+----------------------------+---------+----------------+
 * </pre>
 *
 * <p>For each FPDU: {@link #begin}, its headers, any number of {@link #payload}, {@link #end}.
 * Headers are written to {@link #headerBytes}, or handed over by {@link #header}. Not safe for use
 * by several threads.
 */
public final class FpduEncoder {
  private static final int LENGTH_BYTES = 2;
  private static final int CRC_BYTES = 4;
  private static final int MAX_PAD_BYTES = 3;

  /** The longest DDP and RDMAP headers together, with room to spare. */
  private static final int MAX_HEADER_BYTES = 128;

  /**
   * Payload up to here is copied next to its headers. One more entry in the list for TCP costs the
   * JDK and the kernel more than copying this much does, and messages that share one entry go by a
   * plain write.
   */
  public static final int MAX_COPIED_BYTES = 512;

  private final TransmitBatch batch;
  private final boolean crcOn;
  private final boolean markers;
  private final Crc32c crc = new Crc32c();

  /** Where headers are made when markers may come between their octets; else in the batch. */
  private final @Nullable ByteBuffer aside;

  private long position;
  private long lengthFieldPosition;
  private int padBytes;
  private int unsummedFrom;

  /**
   * An encoder.
   *
   * @param batch where FPDUs go
   * @param crc whether the CRC field is filled in; it is there in any case
   * @param markers whether the peer asked for markers
   * @param position octets of this direction since its first FPDU: 0 unless the connection moved
   */
  public FpduEncoder(TransmitBatch batch, boolean crc, boolean markers, long position) {
    this.batch = batch;
    this.crcOn = crc;
    this.markers = markers;
    this.aside = markers ? ByteBuffer.allocateDirect(MAX_HEADER_BYTES) : null;
    this.position = position;
  }

  /** Octets of this direction since its first FPDU, markers included. */
  public long position() {
    return position;
  }

  /** Whether the batch can take one more FPDU whose payload comes in at most {@code pieces}. */
  public boolean hasRoom(int ulpduBytes, int pieces) {
    int markerCount = markers ? ulpduBytes / Marker.CONTENT_BETWEEN + 2 : 0;
    return batch.hasRoom(
        2 * (pieces + markerCount) + 2,
        LENGTH_BYTES
            + MAX_HEADER_BYTES
            + Math.min(ulpduBytes, pieces * MAX_COPIED_BYTES)
            + MAX_PAD_BYTES
            + CRC_BYTES
            + Marker.BYTES * markerCount);
  }

  /** Starts an FPDU for a ULPDU of {@code ulpduBytes}, 1..65535. */
  public void begin(int ulpduBytes) {
    if (!hasRoom(ulpduBytes, 1)) {
      throw new IllegalStateException("the batch is full; ask hasRoom before an FPDU begins");
    }
    crc.reset();
    unsummedFrom = batch.scratchUsed();
    padBytes = -(LENGTH_BYTES + ulpduBytes) & MAX_PAD_BYTES;
    lengthFieldPosition = position;
    if (isMarkerDue()) {
      // Between FPDUs: points at nothing and belongs to the FPDU that follows, with its CRC.
      putMarker(0);
      lengthFieldPosition = position;
    }
    batch.scratch().putShort(batch.scratchUsed(), (short) ulpduBytes);
    advance(LENGTH_BYTES);
  }

  /**
   * Where the FPDU's headers are to be written, from {@link #headerOffset}; then {@link
   * #headerDone}.
   */
  public ByteBuffer headerBytes() {
    return aside != null ? aside : batch.scratch();
  }

  /** Where in {@link #headerBytes} the headers start. */
  public int headerOffset() {
    return aside != null ? 0 : batch.scratchUsed();
  }

  /** Says that {@code length} bytes of headers, 128 at most, have been written. */
  public void headerDone(int length) {
    if (aside != null) {
      header(aside, length);
    } else {
      advance(length);
    }
  }

  /**
   * Copies {@code length} bytes from the start of {@code bytes}, which are headers or short data.
   */
  public void header(ByteBuffer bytes, int length) {
    if (length > MAX_HEADER_BYTES) {
      makeRoom(length);
    }
    int done = 0;
    while (done < length) {
      putMarkerIfDue();
      int count = Math.min(length - done, untilMarker());
      batch.scratch().put(batch.scratchUsed(), bytes, done, count);
      advance(count);
      done += count;
    }
  }

  /** For more than headers: the run of scratch bytes may end here. */
  private void makeRoom(int length) {
    if (crcOn) {
      sumScratch();
    }
    if (!hasRoom(length, 1) || !batch.hasRoom(0, length + length / 64 + MAX_HEADER_BYTES)) {
      throw new IllegalStateException("the batch has no room for [" + length + "] bytes");
    }
    unsummedFrom = batch.scratchUsed();
  }

  /**
   * Adds {@code length} bytes of {@code memory} from {@code offset}, without copying them unless
   * they are few.
   */
  public void payload(PayloadMemory memory, long offset, int length) {
    if (length > MAX_COPIED_BYTES) {
      lend(memory, offset, length);
    } else if (markers) {
      copy(memory, offset, length);
    } else {
      memory.copy(offset, batch.scratchSegment(), batch.scratchUsed(), length);
      advance(length);
    }
  }

  /** Between markers. */
  private void copy(PayloadMemory memory, long offset, int length) {
    int done = 0;
    while (done < length) {
      putMarkerIfDue();
      int count = Math.min(length - done, untilMarker());
      memory.copy(offset + done, batch.scratchSegment(), batch.scratchUsed(), count);
      advance(count);
      done += count;
    }
  }

  private void lend(PayloadMemory memory, long offset, int length) {
    long from = offset;
    int left = length;
    while (left > 0) {
      putMarkerIfDue();
      ByteBuffer view = memory.lend(from, Math.min(left, untilMarker()));
      int count = view.remaining();
      if (crcOn) {
        sumScratch();
        crc.update(view);
      }
      batch.closeRun();
      batch.append(view, memory, from);
      position += count;
      from += count;
      left -= count;
    }
  }

  /** Ends the FPDU. */
  public void end() {
    for (int i = 0; i < padBytes; i++) {
      putMarkerIfDue();
      batch.scratch().put(batch.scratchUsed(), (byte) 0);
      advance(1);
    }
    // A marker right after the pad belongs to this FPDU and its CRC.
    putMarkerIfDue();
    int value = 0;
    if (crcOn) {
      sumScratch();
      value = crc.wireValue();
    }
    batch.scratch().putInt(batch.scratchUsed(), value);
    advance(CRC_BYTES);
  }

  /**
   * Makes all FPDUs of the batch visible to its owner. Call after the last {@link #end}; the next
   * FPDU can begin when all of them are written.
   */
  public void flush() {
    batch.seal();
  }

  /** Takes back what the batch's owner has not seen: as if it had never begun. */
  public void takeBack() {
    if (!batch.isSealed()) {
      position -= batch.remainingBytes();
      batch.discard();
    }
  }

  private boolean isMarkerDue() {
    return markers && Marker.isDue(position);
  }

  private void putMarkerIfDue() {
    if (isMarkerDue()) {
      putMarker((int) (position - lengthFieldPosition));
    }
  }

  private void putMarker(int pointer) {
    batch.scratch().putInt(batch.scratchUsed(), pointer & Marker.POINTER_MASK);
    advance(Marker.BYTES);
  }

  private int untilMarker() {
    return markers ? Marker.distance(position) : Integer.MAX_VALUE;
  }

  private void advance(int count) {
    batch.scratchAdvance(count);
    position += count;
  }

  private void sumScratch() {
    crc.update(batch.scratchSummed(), unsummedFrom, batch.scratchUsed() - unsummedFrom);
    unsummedFrom = batch.scratchUsed();
  }
}
