package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A peer that never rests: it writes, reads and sends, whatever happens at the other end. Message
 * {@code n} begins with {@code n}; what it reads must be what is there.
 */
final class Flood {
  static final int MESSAGE_BYTES = 3000;
  private static final int WRITE_BYTES = 5000;
  private static final int READ_BYTES = 4000;
  private static final int OUTSTANDING = 8;

  private final GoldenPeer peer;
  private final MemoryRegion in;
  private final MemoryRegion out;
  private final int messages;
  private final boolean reads;
  private final Region source;
  private final Region sink;
  private final AtomicBoolean stops = new AtomicBoolean();
  private final Queue<Long> received = new ConcurrentLinkedQueue<>();
  private volatile int turns;
  private final FutureTask<Integer> work = new FutureTask<>(this::run);

  /**
   * A flood.
   *
   * @param in the other end's, written without an end
   * @param out the other end's, read without an end
   * @param messages how many Sends there are: the other end has a Receive for each
   * @param reads whether the peer may read
   */
  Flood(GoldenPeer peer, MemoryRegion in, MemoryRegion out, int messages, boolean reads) {
    this.peer = peer;
    this.in = in;
    this.out = out;
    this.messages = messages;
    this.reads = reads;
    this.source = peer.register(Exchange.BYTES);
    this.sink = peer.register(Exchange.BYTES, Access.REMOTE_WRITE);
    Exchange.fill(source.segment(), 3);
  }

  void start() {
    Thread.ofPlatform().daemon().start(work);
  }

  /** Lets it come to its end, all messages sent; says how many turns there were. */
  int finish() throws Exception {
    stops.set(true);
    return work.get();
  }

  private int run() {
    int sent = 0;
    int posted = 0;
    int done = 0;
    for (int turn = 0; !stops.get() || sent < messages; turn++) {
      turns = turn;
      int at = turn * 1000 % (Exchange.BYTES - WRITE_BYTES);
      peer.write(
          turn, source, at, new RemoteBuffer(in.stag(), in.taggedOffset() + at, WRITE_BYTES));
      posted++;
      if (reads) {
        peer.read(
            turn, sink, at, new RemoteBuffer(out.stag(), out.taggedOffset() + at, READ_BYTES));
        posted++;
      }
      // Not all at once: messages are to be under way at any time.
      if (sent < messages && (turn % 4 == 0 || stops.get())) {
        source.segment().set(ValueLayout.JAVA_LONG, Exchange.BYTES - MESSAGE_BYTES, sent);
        peer.send(turn, source, Exchange.BYTES - MESSAGE_BYTES, MESSAGE_BYTES);
        sent++;
        posted++;
        // The bytes are read when they are sent, so the next number waits for that.
        while (done < posted) {
          done += took();
        }
      }
      while (posted - done > OUTSTANDING) {
        done += took();
      }
    }
    while (done < posted) {
      done += took();
    }
    return done;
  }

  private int took() {
    Completion completion = peer.take();
    assertThat(completion.isSuccess()).as("%s", completion).isTrue();
    if (completion.operation() == Operation.RECEIVE) {
      received.add(completion.id());
      return 0;
    }
    return 1;
  }

  /** The peer's next Receive that has a message, after the end. */
  long nextReceived() {
    return received.isEmpty() ? peer.take().id() : received.remove();
  }

  /** Lets it end without the other end: nobody is there any more. */
  void abandon() {
    stops.set(true);
    peer.reset();
  }

  /** All that was written and read must be what is there; a last message has told so. */
  void check() {
    checkWrites();
    checkReads();
  }

  /** What the peer has written is there. */
  void checkWrites() {
    // The first 16 octets are another Read's sink, and messages lie at the end.
    long written = Math.min(turns, (Exchange.BYTES - WRITE_BYTES - MESSAGE_BYTES) / 1000) * 1000L;
    assertThat(written).isPositive();
    assertThat(
            in.segment()
                .asSlice(16, written - 16)
                .mismatch(source.segment().asSlice(16, written - 16)))
        .isEqualTo(-1);
  }

  private void checkReads() {
    if (reads) {
      MemorySegment there = out.segment();
      for (int i = 0; i < Exchange.BYTES - WRITE_BYTES; i += 1000) {
        byte seen = sink.segment().get(ValueLayout.JAVA_BYTE, i);
        if (seen != 0) {
          assertThat(seen).isEqualTo(there.get(ValueLayout.JAVA_BYTE, i));
        }
      }
    }
  }

  /** The number that a message begins with. */
  static long number(MemorySegment message, long offset) {
    return message.get(ValueLayout.JAVA_LONG, offset);
  }
}
