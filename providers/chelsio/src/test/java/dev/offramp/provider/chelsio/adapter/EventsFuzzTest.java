package dev.offramp.provider.chelsio.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.provider.chelsio.wire.RspCtrl;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes in the event queue: each entry is an answer, tells a connection something, or is
 * garbage that somebody is told of; nothing is thrown.
 */
final class EventsFuzzTest {
  private static final int MOST_ENTRIES = 32;
  private static final int BUFFER_BYTES = 512;
  private static final int TYPE_GEN = 56;
  private static final int GENERATION = 0x80;
  private static final int QUEUE = 64;
  private static final int TID = 512;
  private static final int WORK_QUEUE = 1024;
  private static final long COOKIE = 0x1122_3344_5566_7788L;

  /** Counts all that anybody is told. */
  private static final class Listener implements Flow, Dispatcher.Garbage {
    private int count;

    @Override
    public void found(@Nullable Flow flow, String seenAndExpected) {
      assertThat(seenAndExpected).isNotBlank();
      count++;
    }

    @Override
    public void stray(String seenAndExpected) {
      assertThat(seenAndExpected).isNotBlank();
      count++;
    }

    @Override
    public void peerClosed() {
      count++;
    }

    @Override
    public void closeReplied(int status) {
      count++;
    }

    @Override
    public void abortRequested(int status) {
      count++;
    }

    @Override
    public void abortReplied(int status) {
      count++;
    }

    @Override
    public void terminated(byte[] message) {
      assertThat(message.length).isLessThanOrEqualTo(BUFFER_BYTES);
      count++;
    }

    @Override
    public void streamed(int octets) {
      count++;
    }

    @Override
    public void failedCompletion(Cqe cqe) {
      count++;
    }

    @Override
    public void completionEvent() {
      count++;
    }

    @Override
    public void deviceFailed(String reason) {
      count++;
    }
  }

  /** Entries of 64 bytes; what is over goes into the free list's buffers. */
  @FuzzTest
  @Tag("fuzz")
  void events(byte[] bytes) throws RnicException {
    IdleWindow window = new IdleWindow();
    DmaSlab ring = window.allocate(EventQueue.sizeBytes(), 4096);
    DmaSlab buffers = window.allocate((long) FreeList.SIZE * BUFFER_BYTES, 4096);
    FreeList list =
        new FreeList(
            window,
            window.allocate(8192, 4096),
            buffers,
            BUFFER_BYTES,
            true,
            new UserDoorbell(window, 0, 0));
    list.refill();
    int entries = Math.min(MOST_ENTRIES, bytes.length / RspCtrl.ENTRY_BYTES);
    MemorySegment input = MemorySegment.ofArray(bytes);
    MemorySegment.copy(input, 0, ring.segment(), 0, (long) entries * RspCtrl.ENTRY_BYTES);
    long rest = bytes.length - (long) entries * RspCtrl.ENTRY_BYTES;
    MemorySegment.copy(
        input,
        (long) entries * RspCtrl.ENTRY_BYTES,
        buffers.segment(),
        0,
        Math.min(rest, buffers.segment().byteSize()));
    for (int i = 0; i < entries; i++) {
      long at = (long) i * RspCtrl.ENTRY_BYTES + TYPE_GEN;
      byte type = ring.segment().get(ValueLayout.JAVA_BYTE, at);
      ring.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (type | GENERATION));
    }
    Replies replies = new Replies(COOKIE);
    replies.await(replies.nextCookie(), "a work request");
    replies.await(new Replies.Key(Replies.Kind.NEXT_HOP, 0), "a next hop");
    replies.await(new Replies.Key(Replies.Kind.FLOW_KNOWN, TID), "a flow");
    replies.await(new Replies.Key(Replies.Kind.TCB_READ, TID), "a block");
    int awaited = replies.size();
    Listener listener = new Listener();
    Flows flows = new Flows();
    flows.putTid(TID, listener);
    flows.putQueues(WORK_QUEUE, WORK_QUEUE, listener);
    int[] updates = new int[1];
    Dispatcher dispatcher = new Dispatcher(QUEUE, replies, flows, listener, () -> updates[0]++);
    EventQueue events = new EventQueue(ring, new UserDoorbell(window, 0, 0), list);
    assertThat(events.drain(dispatcher)).isEqualTo(entries);
    assertThat(events.hasNext()).isFalse();
    int answered = awaited - replies.size();
    assertThat(answered).isNotNegative();
    assertThat(listener.count + answered + updates[0]).isLessThanOrEqualTo(entries);
  }
}
