package dev.offramp.provider.chelsio.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Receive;
import dev.offramp.provider.chelsio.adapter.IdleWindow;
import dev.offramp.provider.chelsio.adapter.UserDoorbell;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes in a completion queue: each request completes at most once, Sends, Writes and Reads in
 * their order; what cannot be ends the reading; nothing is thrown.
 */
final class CompletionsFuzzTest {
  private static final int QUEUE = 1024;
  private static final int MOST_ENTRIES = 32;
  private static final int RING_ENTRIES = 65;
  private static final int DEPTH = 8;
  private static final int GENERATION_AT = 56;
  private static final int GENERATION = 0x80;
  private static final Operation[] OPERATIONS = {
    Operation.SEND, Operation.WRITE, Operation.READ, Operation.LOCAL_INVALIDATE
  };

  /** What is found besides. */
  private static final class Listener implements Reaper.Findings {
    private int ends;

    @Override
    public void invalidated(int stag) {}

    @Override
    public void failed(int cause, String reason) {
      assertThat(reason).isNotBlank();
      ends++;
    }

    @Override
    public void impossible(String seenAndExpected) {
      assertThat(seenAndExpected).isNotBlank();
      ends++;
    }
  }

  /** First octet: what has been posted. Then completions of 64 bytes. */
  @FuzzTest
  @Tag("fuzz")
  void completions(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    IdleWindow window = new IdleWindow();
    UserDoorbell doorbell = new UserDoorbell(window, 0, 0);
    Completed completed = new Completed(2 * DEPTH);
    SendQueue sends =
        new SendQueue(
            window, window.allocate(65536, 4096), DEPTH + 1, DEPTH, doorbell, completed, 1);
    ReceiveQueue receives =
        new ReceiveQueue(window, window.allocate(65536, 4096), 16, DEPTH, doorbell, completed);
    int posted = bytes[0] & 7;
    for (int i = 0; i < posted; i++) {
      sends.commit(i, OPERATIONS[(bytes[0] >>> 3 & 3) + i & 3], 1, 10, i);
      receives.commit(new Receive(100 + i, List.of()), 1);
    }
    DmaSlab ring = window.allocate((long) RING_ENTRIES * Cqe.SIZE_BYTES, 4096);
    int entries = Math.min(MOST_ENTRIES, (bytes.length - 1) / Cqe.SIZE_BYTES);
    MemorySegment.copy(
        MemorySegment.ofArray(bytes), 1, ring.segment(), 0, (long) entries * Cqe.SIZE_BYTES);
    for (int i = 0; i < entries; i++) {
      long at = (long) i * Cqe.SIZE_BYTES + GENERATION_AT;
      byte first = ring.segment().get(ValueLayout.JAVA_BYTE, at);
      ring.segment().set(ValueLayout.JAVA_BYTE, at, (byte) (first | GENERATION));
    }
    Listener listener = new Listener();
    Reaper reaper =
        new Reaper(
            new CompletionRing(ring.segment(), RING_ENTRIES, doorbell),
            sends,
            receives,
            new Traffic(),
            QUEUE,
            (bytes[0] & 0x80) != 0,
            listener);
    assertThat(reaper.reap()).isEqualTo(entries > 0);
    reaper.reap();
    reaper.close();
    sends.flush(-1);
    receives.flush();
    List<Long> sent = new ArrayList<>();
    List<Long> received = new ArrayList<>();
    while (completed.size() > 0) {
      completed.take((id, operation, status, length, detail) ->
          (operation == Operation.RECEIVE ? received : sent).add(id));
    }
    assertThat(sent).hasSize(posted).isSorted();
    assertThat(received).hasSize(posted).isSorted();
    assertThat(listener.ends).isLessThanOrEqualTo(entries);
  }

  /** A Terminate of any octets is a value. */
  @FuzzTest
  @Tag("fuzz")
  void terminates(byte[] bytes) {
    TerminateMessage message = TerminateMessage.of(bytes);
    assertThat(message.terminate()).isNotNull();
    if (message.queueNumber() != -1) {
      message.messageNumber();
    }
  }
}
