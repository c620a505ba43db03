package dev.offramp.iwarp.mpa;

import dev.offramp.api.descriptor.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whole FPDUs on their way to TCP, as a list for one gathering write. Headers, short payload,
 * markers and trailers are views of one scratch buffer; other payload is views of the caller's
 * memory.
 *
 * <p>The owner writes {@link #length} buffers of {@link #buffers} from {@link #offset}; a write
 * advances their positions, partially or wholly, and the engine drops what is empty. What it is
 * made of is borrowed while there are bytes, and grows with them. Not safe for use by several
 * threads.
 */
public final class TransmitBatch {
  /** Linux takes no more in one call (IOV_MAX). */
  private static final int MAX_BUFFERS = 1024;

  private static final int MAX_SCRATCH_BYTES = 64 << 10;
  private static final Storage NONE = new Storage(0, 0);

  private final StreamMemory memory;
  private Storage storage = NONE;

  private int first;
  private int end;
  private int scratchUsed;
  private int runStart;
  private long bytes;

  /** What there is has been handed out: nothing is added before all of it is written. */
  private boolean sealed;

  /** An empty batch that shares its memory with nobody. */
  public TransmitBatch() {
    this(new StreamMemory(FpduDecoder.MIN_STAGING_BYTES));
  }

  /** An empty batch. */
  public TransmitBatch(StreamMemory memory) {
    this.memory = memory;
  }

  /** What to write; only {@link #length} entries from {@link #offset} count. */
  public ByteBuffer[] buffers() {
    return storage.buffers;
  }

  public int offset() {
    return first;
  }

  public int length() {
    return end - first;
  }

  public boolean isEmpty() {
    return first == end && runStart == scratchUsed;
  }

  /** Whether nothing is added until all of it is written. */
  public boolean isSealed() {
    return sealed;
  }

  /** Bytes not yet written, as of the last {@link #dropWritten}. */
  public long remainingBytes() {
    return bytes + (scratchUsed - runStart);
  }

  /** Forgets what has been written and gives views back; returns how many bytes that was. */
  public long dropWritten() {
    if (!sealed) {
      return 0;
    }
    long before = bytes;
    while (first < end && !storage.buffers[first].hasRemaining()) {
      giveBack(first++);
    }
    bytes = 0;
    for (int i = first; i < end; i++) {
      bytes += storage.buffers[i].remaining();
    }
    if (first == end) {
      restart();
    }
    return before - bytes;
  }

  /** A copy of what has not been written. */
  public Octets unwritten() {
    int length = 0;
    for (int i = first; i < end; i++) {
      length += storage.buffers[i].remaining();
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (int i = first; i < end; i++) {
      all.put(storage.buffers[i].duplicate());
    }
    return Octets.copyOf(all.flip());
  }

  /** Forgets everything, written or not: the connection is gone. */
  public void discard() {
    while (first < end) {
      giveBack(first++);
    }
    restart();
    releaseIfEmpty();
  }

  /** Copies what waits here of {@code lender}'s memory, and gives that back. */
  public void copyLent(PayloadMemory lender) {
    for (int i = first; i < end; i++) {
      if (lender.equals(storage.lenders[i])) {
        ByteBuffer view = storage.buffers[i];
        ByteBuffer copy = ByteBuffer.allocateDirect(view.remaining());
        copy.put(view.duplicate()).flip();
        giveBack(i);
        storage.buffers[i] = copy;
      }
    }
  }

  /** Gives what an empty batch is made of back; it is borrowed anew when needed. */
  public void releaseIfEmpty() {
    if (isEmpty() && scratchUsed == 0 && storage != NONE) {
      memory.giveBack(storage);
      storage = NONE;
    }
  }

  /** Makes room where that can be; false when the batch is full. */
  boolean hasRoom(int entries, int scratchBytes) {
    if (end + entries <= storage.buffers.length
        && scratchUsed + scratchBytes <= storage.scratch.capacity()) {
      return true;
    }
    if (end + entries > MAX_BUFFERS || scratchUsed + scratchBytes > MAX_SCRATCH_BYTES) {
      // A single FPDU always has room: with markers and many pieces that is much.
      if (end > 0 || scratchUsed > 0) {
        return false;
      }
    }
    grow(entries, scratchBytes);
    return true;
  }

  private void grow(int entries, int scratchBytes) {
    if (storage == NONE) {
      storage = memory.takeStorage();
    }
    if (end + entries > storage.buffers.length) {
      storage.growBuffers(end + entries);
    }
    if (scratchUsed + scratchBytes > storage.scratch.capacity()) {
      // Entries that are there keep the old scratch buffer until they are written.
      closeRun();
      storage.growScratch(scratchUsed + scratchBytes);
      scratchUsed = 0;
      runStart = 0;
    }
  }

  ByteBuffer scratch() {
    return storage.scratch;
  }

  MemorySegment scratchSegment() {
    return storage.scratchSegment;
  }

  /** A view of the scratch buffer that checksums are made over. */
  ByteBuffer scratchSummed() {
    return storage.scratchSummed;
  }

  int scratchUsed() {
    return scratchUsed;
  }

  void scratchAdvance(int count) {
    scratchUsed += count;
  }

  /** Makes all that was added visible to the owner. */
  void seal() {
    closeRun();
    sealed = first < end;
  }

  /** Makes the scratch bytes since the last call an entry of their own. */
  void closeRun() {
    if (runStart == scratchUsed) {
      return;
    }
    ByteBuffer view = storage.scratchView(end);
    view.limit(scratchUsed).position(runStart);
    append(view, null, 0);
    runStart = scratchUsed;
  }

  void append(ByteBuffer view, @Nullable PayloadMemory lender, long lentOffset) {
    if (end == storage.buffers.length) {
      storage.growBuffers(end + 1);
    }
    storage.buffers[end] = view;
    storage.lenders[end] = lender;
    storage.lentOffsets[end] = lentOffset;
    end++;
    bytes += view.remaining();
  }

  private void giveBack(int index) {
    PayloadMemory lender = storage.lenders[index];
    if (lender != null) {
      lender.takeBack(storage.buffers[index], storage.lentOffsets[index]);
      storage.lenders[index] = null;
    }
    storage.buffers[index] = Storage.EMPTY;
  }

  private void restart() {
    first = 0;
    end = 0;
    scratchUsed = 0;
    runStart = 0;
    bytes = 0;
    sealed = false;
  }

  /** What a batch with bytes is made of. */
  static final class Storage implements Shelf.Kept {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final int FIRST_BUFFERS = 32;
    private static final int FIRST_SCRATCH_BYTES = 2048;

    /** A view, its lender and offset, and a view of the scratch buffer, roughly. */
    private static final int BYTES_PER_BUFFER = 80;

    private ByteBuffer[] buffers;
    private @Nullable PayloadMemory[] lenders;
    private long[] lentOffsets;
    private ByteBuffer scratch;
    private MemorySegment scratchSegment;
    private ByteBuffer scratchSummed;
    private @Nullable ByteBuffer[] scratchViews;

    Storage() {
      this(FIRST_BUFFERS, FIRST_SCRATCH_BYTES);
    }

    private Storage(int entries, int scratchBytes) {
      buffers = new ByteBuffer[entries];
      Arrays.fill(buffers, EMPTY);
      lenders = new @Nullable PayloadMemory[entries];
      lentOffsets = new long[entries];
      scratchViews = new @Nullable ByteBuffer[entries];
      scratch = ByteBuffer.allocateDirect(scratchBytes);
      scratchSegment = MemorySegment.ofBuffer(scratch);
      scratchSummed = scratch.duplicate();
    }

    @Override
    public int bytes() {
      return buffers.length * BYTES_PER_BUFFER + scratch.capacity();
    }

    private void growBuffers(int least) {
      int old = buffers.length;
      int size = Math.max(least, 2 * old);
      ByteBuffer[] more = new ByteBuffer[size];
      System.arraycopy(buffers, 0, more, 0, old);
      Arrays.fill(more, old, size, EMPTY);
      buffers = more;
      lenders = Arrays.copyOf(lenders, size);
      lentOffsets = Arrays.copyOf(lentOffsets, size);
      scratchViews = Arrays.copyOf(scratchViews, size);
    }

    private void growScratch(int least) {
      scratch = ByteBuffer.allocateDirect(Math.max(least, 2 * scratch.capacity()));
      scratchSegment = MemorySegment.ofBuffer(scratch);
      scratchSummed = scratch.duplicate();
      scratchViews = new @Nullable ByteBuffer[buffers.length];
    }

    private ByteBuffer scratchView(int index) {
      if (index == scratchViews.length) {
        growBuffers(index + 1);
      }
      ByteBuffer view = scratchViews[index];
      if (view == null) {
        view = scratch.duplicate();
        scratchViews[index] = view;
      }
      return view;
    }
  }
}
