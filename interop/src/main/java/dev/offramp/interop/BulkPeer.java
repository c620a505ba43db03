package dev.offramp.interop;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.interop.BulkMessage.Kind;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The leading end of large transfers with siwbulk in the guest. Every byte is verified where it
 * arrives. Whenever this end waits for an answer, exactly one Receive for it is posted.
 */
final class BulkPeer {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int WINDOW = 4;

  /** siwbulk posts at most this many Receives at once. */
  private static final int BATCH = 64;

  private static final long COMMAND = -1;

  private final long bytes;
  private @Nullable Work work;
  private @Nullable MemoryRegion source;
  private @Nullable MemoryRegion sink;
  private @Nullable MemoryRegion messages;
  private @Nullable BulkMessage guest;

  /**
   * One end of one connection.
   *
   * @param bytes size of each buffer, a multiple of 8; the guest's must be the same
   */
  BulkPeer(long bytes) {
    this.bytes = bytes;
  }

  /** Registers memory and posts the first Receive, while the connection is silent. */
  ConnectionSetup setup() {
    return connection -> {
      source = connection.allocate(bytes, Access.REMOTE_READ);
      sink = connection.allocate(bytes, Access.REMOTE_WRITE);
      messages = connection.allocate(2L * BulkMessage.BYTES);
      TestPattern.fill(source.segment(), TestPattern.OWN_SEED);
      work = new Work(connection);
      expectAnswer();
    };
  }

  /** The initiator speaks first, so that both ends know each other's buffers. */
  void greet(boolean initiator) throws IOException, InterruptedException {
    if (initiator) {
      tell(Kind.HELLO, 0, 0, bytes);
      guest = hear(Kind.HELLO);
    } else {
      guest = hear(Kind.HELLO);
      tell(Kind.HELLO, 0, 0, bytes);
      hear(Kind.HELLO);
    }
  }

  /** Writes, Reads and Sends of this end and of the guest, all bytes each. */
  void everything(int sendBytes) throws IOException, InterruptedException {
    write();
    guestWrites();
    read();
    guestReads();
    send(sendBytes);
    guestSends(sendBytes);
  }

  /** This end Writes all into the guest's sink. */
  void write() throws IOException, InterruptedException {
    RemoteBuffer target = guest().sink();
    windowed(
        Operation.WRITE,
        (offset, length) ->
            new Write(offset, source().slice(offset, length), target.slice(offset, length)));
    requireGuestHas("Write", bytes);
  }

  /** This end Reads all of the guest's source. */
  void read() throws IOException, InterruptedException {
    RemoteBuffer from = guest().source();
    windowed(
        Operation.READ,
        (offset, length) ->
            new Read(offset, sink().slice(offset, length), from.slice(offset, length)));
    requireSinkHas("Read", bytes);
  }

  void guestWrites() throws IOException, InterruptedException {
    call(Kind.WRITE, 0, 0, CHUNK_BYTES);
    requireSinkHas("Write of siw", bytes);
  }

  void guestReads() throws IOException, InterruptedException {
    call(Kind.READ, 0, 0, CHUNK_BYTES);
    requireGuestHas("Read of siw", bytes);
  }

  /** This end Sends messages of that size, as many as fit the buffer. */
  void send(int messageBytes) throws IOException, InterruptedException {
    long total = messages(messageBytes);
    for (long done = 0; done < total; done += BATCH) {
      int count = (int) Math.min(BATCH, total - done);
      long at = done * messageBytes;
      call(Kind.TAKE, count, at, messageBytes);
      for (int i = 0; i < count; i++) {
        long offset = at + (long) i * messageBytes;
        work().post(new Send(offset, source().slice(offset, messageBytes)));
      }
      for (int i = 0; i < count; i++) {
        work().expect(Operation.SEND);
      }
    }
    requireGuestHas("Send", total * messageBytes);
  }

  void guestSends(int messageBytes) throws IOException, InterruptedException {
    long total = messages(messageBytes);
    for (long done = 0; done < total; done += BATCH) {
      int count = (int) Math.min(BATCH, total - done);
      long at = done * messageBytes;
      takeMessages(count, at, messageBytes);
    }
    requireSinkHas("Send of siw", total * messageBytes);
  }

  /** Ends the conversation: the guest closes first. */
  void quit() throws IOException, InterruptedException {
    tell(Kind.QUIT, 0, 0, 0);
    StreamEnd end = work().awaitEnd();
    CaseFailure.require(
        end instanceof StreamEnd.ClosedByPeer, end.toString(), "an orderly end by the guest");
  }

  /** How many messages of this size fit, in whole words together. */
  private long messages(int messageBytes) {
    return bytes / messageBytes / Long.BYTES * Long.BYTES;
  }

  private void takeMessages(int count, long at, int messageBytes)
      throws IOException, InterruptedException {
    // The one Receive that waits for an answer is used up by a CHECK of nothing, after which the
    // data's Receives can be posted in front of the next answer's.
    tell(Kind.CHECK, 0, TestPattern.OWN_SEED, 0);
    work().expect(Operation.RECEIVE);
    for (int i = 0; i < count; i++) {
      long offset = at + (long) i * messageBytes;
      work().post(new Receive(offset, sink().slice(offset, messageBytes)));
    }
    expectAnswer();
    tell(Kind.SENDS, count, at, messageBytes);
    for (int i = 0; i < count; i++) {
      long got = work().expect(Operation.RECEIVE).bytes();
      CaseFailure.require(got == messageBytes, got + " bytes", "a message of " + messageBytes);
    }
    hear(Kind.SENDS);
  }

  /** Builds the request for one piece. */
  private interface Piece {
    dev.offramp.api.rdma.WorkRequest request(long offset, long length);
  }

  private void windowed(Operation operation, Piece piece) throws IOException, InterruptedException {
    int inFlight = 0;
    for (long offset = 0; offset < bytes; offset += CHUNK_BYTES) {
      if (inFlight == WINDOW) {
        work().expect(operation);
        inFlight--;
      }
      work().post(piece.request(offset, Math.min(CHUNK_BYTES, bytes - offset)));
      inFlight++;
    }
    for (; inFlight > 0; inFlight--) {
      work().expect(operation);
    }
  }

  private void requireGuestHas(String what, long length) throws IOException, InterruptedException {
    long wrong = call(Kind.CHECK, 0, TestPattern.OWN_SEED, length).value();
    CaseFailure.require(
        wrong == 0, what + ": " + wrong + " words of " + length / Long.BYTES + " differ", "none");
  }

  private void requireSinkHas(String what, long length) throws CaseFailure {
    long at = TestPattern.mismatch(sink().segment(), length, TestPattern.GUEST_SEED);
    CaseFailure.require(at < 0, what + ": differs at byte " + at, "no difference");
    sink().segment().fill((byte) 0);
  }

  private BulkMessage call(Kind kind, int count, long value, long length)
      throws IOException, InterruptedException {
    tell(kind, count, value, length);
    return hear(kind);
  }

  private void tell(Kind kind, int count, long value, long length)
      throws IOException, InterruptedException {
    BulkMessage.write(
        messages().segment().asSlice(BulkMessage.BYTES, BulkMessage.BYTES),
        kind,
        count,
        value,
        length,
        source(),
        sink());
    work().perform(new Send(COMMAND, messages().slice(BulkMessage.BYTES, BulkMessage.BYTES)));
  }

  private BulkMessage hear(Kind expected) throws IOException, InterruptedException {
    work().expect(Operation.RECEIVE);
    BulkMessage heard = BulkMessage.read(messages().segment(), bytes);
    CaseFailure.require(
        heard.operation() == expected, heard.toString(), "an answer to " + expected);
    expectAnswer();
    return heard;
  }

  private void expectAnswer() throws IOException {
    work().post(new Receive(COMMAND, messages().slice(0, BulkMessage.BYTES)));
  }

  private Work work() {
    return Objects.requireNonNull(work, "setup has not run");
  }

  private MemoryRegion source() {
    return Objects.requireNonNull(source);
  }

  private MemoryRegion sink() {
    return Objects.requireNonNull(sink);
  }

  private MemoryRegion messages() {
    return Objects.requireNonNull(messages);
  }

  private BulkMessage guest() {
    return Objects.requireNonNull(guest, "no hello yet");
  }
}
