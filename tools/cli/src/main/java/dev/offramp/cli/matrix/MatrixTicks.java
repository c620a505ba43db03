package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Write;
import dev.offramp.cli.demo.Pattern;
import java.io.IOException;
import java.util.BitSet;

/**
 * Writes that never end, each with contents of its own, to few places over and over: what an end
 * posts while its peer is being moved, so that there is traffic at the move however few bytes the
 * conversation has. For one thread at a time.
 */
final class MatrixTicks {
  /** How many are under way at once. */
  static final int SLOTS = 4;

  private static final int MAX_BYTES = 1 << 16;

  private final RdmaConnection connection;
  private final MemoryRegion source;
  private final int tickBytes;
  private final BitSet done = new BitSet();
  private int posted;
  private int completed;

  /**
   * Registers memory.
   *
   * @param chunkBytes what the conversation's own requests have
   */
  MatrixTicks(RdmaConnection connection, int chunkBytes) throws IOException {
    this.connection = connection;
    this.tickBytes = tickBytes(chunkBytes);
    this.source = connection.allocate((long) SLOTS * tickBytes);
  }

  /** Where the ticks of the peer of {@code connection} go to. */
  static MemoryRegion target(RdmaConnection connection, int chunkBytes) throws IOException {
    return connection.allocate((long) SLOTS * tickBytes(chunkBytes), Access.REMOTE_WRITE);
  }

  private static int tickBytes(int chunkBytes) {
    return Math.min(chunkBytes, MAX_BYTES);
  }

  /**
   * Posts one, if there is room.
   *
   * @param kind the upper half of its id
   * @return how many were posted
   */
  int post(MemoryRegion target, long kind) throws IOException {
    if (posted - completed == SLOTS) {
      return 0;
    }
    long at = (long) (posted % SLOTS) * tickBytes;
    Pattern.fill(source.segment().asSlice(at, tickBytes), 2L * posted);
    connection.post(
        new Write(
            kind | posted, source.slice(at, tickBytes), target.advertise().slice(at, tickBytes)));
    posted++;
    return 1;
  }

  /** Takes a completion; false when it is one too many. */
  boolean complete(Completion tick) throws IOException {
    int number = (int) tick.id();
    if (tick.status() != CompletionStatus.SUCCESS || number >= posted) {
      throw new IOException(tick + ", expected a success of a Write; " + connection.end());
    }
    if (done.get(number)) {
      return false;
    }
    done.set(number);
    completed++;
    return true;
  }

  int posted() {
    return posted;
  }

  boolean isQuiet() {
    return posted == completed;
  }

  long bytes() {
    return (long) posted * tickBytes;
  }

  /** How many bytes of the last round did not arrive, or changed. */
  long lostBytes(MemoryRegion target) {
    long lost = 0;
    for (int slot = 0; slot < Math.min(posted, SLOTS); slot++) {
      long at = (long) slot * tickBytes;
      boolean same =
          source.segment().asSlice(at, tickBytes).mismatch(target.segment().asSlice(at, tickBytes))
              == -1;
      lost += same ? 0 : tickBytes;
    }
    return lost;
  }
}
