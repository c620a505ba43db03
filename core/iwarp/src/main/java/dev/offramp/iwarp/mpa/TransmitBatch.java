package dev.offramp.iwarp.mpa;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whole FPDUs on their way to TCP, as a list for one gathering write. Headers, markers and trailers
 * are views of one scratch buffer; payload is views of the caller's memory.
 *
 * <p>The owner writes {@link #length} buffers of {@link #buffers} from {@link #offset}; a write
 * advances their positions, partially or wholly, and the engine drops what is empty. Everything is
 * allocated once. Not safe for use by several threads.
 */
public final class TransmitBatch {
  /** Linux takes no more in one call (IOV_MAX). */
  private static final int MAX_BUFFERS = 1024;

  private static final int SCRATCH_BYTES_PER_BUFFER = 64;

  private final ByteBuffer[] buffers = new ByteBuffer[MAX_BUFFERS];
  private final @Nullable PayloadMemory[] lenders = new @Nullable PayloadMemory[MAX_BUFFERS];
  private final long[] lentOffsets = new long[MAX_BUFFERS];
  private final ByteBuffer scratch;
  private final ByteBuffer[] scratchViews = new ByteBuffer[MAX_BUFFERS];

  private int first;
  private int end;
  private int scratchUsed;
  private int runStart;
  private long bytes;

  /** An empty batch. */
  public TransmitBatch() {
    scratch = ByteBuffer.allocateDirect(MAX_BUFFERS * SCRATCH_BYTES_PER_BUFFER);
    for (int i = 0; i < MAX_BUFFERS; i++) {
      scratchViews[i] = scratch.duplicate();
    }
  }

  /** What to write; only {@link #length} entries from {@link #offset} count. */
  public ByteBuffer[] buffers() {
    return buffers;
  }

  public int offset() {
    return first;
  }

  public int length() {
    return end - first;
  }

  public boolean isEmpty() {
    return first == end;
  }

  /** Bytes not yet written, as of the last {@link #dropWritten}. */
  public long remainingBytes() {
    return bytes;
  }

  /** Forgets what has been written and gives views back; returns how many bytes that was. */
  public long dropWritten() {
    long before = bytes;
    while (first < end && !buffers[first].hasRemaining()) {
      giveBack(first++);
    }
    bytes = 0;
    for (int i = first; i < end; i++) {
      bytes += buffers[i].remaining();
    }
    if (first == end) {
      restart();
    }
    return before - bytes;
  }

  /** Forgets everything, written or not: the connection is gone. */
  public void discard() {
    while (first < end) {
      giveBack(first++);
    }
    restart();
  }

  boolean hasRoom(int entries, int scratchBytes) {
    return end + entries <= MAX_BUFFERS && scratchUsed + scratchBytes <= scratch.capacity();
  }

  ByteBuffer scratch() {
    return scratch;
  }

  int scratchUsed() {
    return scratchUsed;
  }

  void scratchAdvance(int count) {
    scratchUsed += count;
  }

  /** Makes the scratch bytes since the last call an entry of their own. */
  void closeRun() {
    if (runStart == scratchUsed) {
      return;
    }
    ByteBuffer view = scratchViews[end];
    view.limit(scratchUsed).position(runStart);
    append(view, null, 0);
    runStart = scratchUsed;
  }

  void append(ByteBuffer view, @Nullable PayloadMemory lender, long lentOffset) {
    buffers[end] = view;
    lenders[end] = lender;
    lentOffsets[end] = lentOffset;
    end++;
    bytes += view.remaining();
  }

  private void giveBack(int index) {
    PayloadMemory lender = lenders[index];
    if (lender != null) {
      lender.takeBack(buffers[index], lentOffsets[index]);
      lenders[index] = null;
    }
  }

  private void restart() {
    first = 0;
    end = 0;
    scratchUsed = 0;
    runStart = 0;
    bytes = 0;
  }
}
