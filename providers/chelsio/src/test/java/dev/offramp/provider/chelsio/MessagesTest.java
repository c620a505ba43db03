package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a work request can be, and what it cannot. */
@Timeout(120)
class MessagesTest {
  private static final int BYTES = 64 << 10;
  private static final int DEPTH = 16;

  @SuppressWarnings("NullAway.Init")
  private Bench bench;

  @SuppressWarnings("NullAway.Init")
  private Pair pair;

  @SuppressWarnings("NullAway.Init")
  private Region far;

  @SuppressWarnings("NullAway.Init")
  private MemoryRegion near;

  @BeforeEach
  void connect() throws Exception {
    bench =
        new Bench(ChelsioChip.T6)
            .setting("send-queue-entries", DEPTH)
            .setting("receive-queue-entries", DEPTH)
            .open();
    pair = Pair.spec(bench).connect();
    far = pair.peer().register(BYTES, Access.values());
    near =
        pair.host()
            .allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_INVALIDATE);
    // A Responder may speak once its peer has.
    pair.peer().write(0, far, 0, near.advertise().slice(0, 1));
    assertThat(pair.peer().take().isSuccess()).isTrue();
    Patterns.fill(far.segment(), 7);
    Patterns.fill(near.segment(), 8);
  }

  @AfterEach
  void close() {
    pair.close();
    bench.assertClean();
    bench.closeAndAssertNothingLeaks();
    bench.close();
  }

  /** Around the limits of inline data and of slots. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 63, 64, 65, 280, 281, 1460, 4096})
  void sendsOfAnyLength(int length) throws Exception {
    pair.peer().receive(1, far, 0, BYTES);
    pair.host().post(new Send(2, near.slice(3, length)));
    assertThat(take()).isEqualTo(Patterns.done(2, Operation.SEND, length));
    assertThat(pair.peer().take().bytes()).isEqualTo(length);
    assertSame(far.segment(), 0, near.segment(), 3, length);

    pair.receive(new Receive(3, near.slice(5, length)));
    pair.peer().send(4, far, 11, length);
    assertThat(take()).isEqualTo(Patterns.done(3, Operation.RECEIVE, length));
    assertSame(near.segment(), 5, far.segment(), 11, length);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64, 65, 280, 281, 5000})
  void writesAndReadsOfAnyLength(int length) throws Exception {
    RemoteBuffer target = GoldenPeer.advertise(far).slice(100, length);
    pair.host().post(new Write(1, near.slice(200, length), target));
    assertThat(take()).isEqualTo(Patterns.done(1, Operation.WRITE, length));
    pair.host().post(new Read(2, near.slice(20_000, length), target));
    assertThat(take()).isEqualTo(Patterns.done(2, Operation.READ, length));
    assertSame(near.segment(), 200, near.segment(), 20_000, length);
    assertSame(near.segment(), 200, far.segment(), 100, length);
  }

  @Test
  void gathersAndScatters() throws Exception {
    List<LocalBuffer> many = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      many.add(near.slice(i * 1000L, 100));
    }
    pair.peer().receive(1, far, 0, BYTES);
    pair.host().post(new Send(2, many, false, OptionalInt.empty()));
    assertThat(take()).isEqualTo(Patterns.done(2, Operation.SEND, 1700));
    assertThat(pair.peer().take().bytes()).isEqualTo(1700);
    for (int i = 0; i < 17; i++) {
      assertSame(far.segment(), i * 100L, near.segment(), i * 1000L, 100);
    }
    // The same in fewer bytes than make a list worth while.
    pair.peer().receive(3, far, 0, BYTES);
    pair.host()
        .post(
            new Send(
                4,
                List.of(near.slice(9, 3), near.slice(40, 0), near.slice(77, 20)),
                false,
                OptionalInt.empty()));
    assertThat(take()).isEqualTo(Patterns.done(4, Operation.SEND, 23));
    assertThat(pair.peer().take().bytes()).isEqualTo(23);
    assertSame(far.segment(), 0, near.segment(), 9, 3);
    assertSame(far.segment(), 3, near.segment(), 77, 20);

    pair.receive(
        new Receive(
            5,
            List.of(
                near.slice(0, 10),
                near.slice(100, 20),
                near.slice(200, 0),
                near.slice(300, 1000))));
    pair.peer().send(6, far, 0, 500);
    assertThat(take()).isEqualTo(Patterns.done(5, Operation.RECEIVE, 500));
    assertSame(near.segment(), 0, far.segment(), 0, 10);
    assertSame(near.segment(), 100, far.segment(), 10, 20);
    assertSame(near.segment(), 300, far.segment(), 30, 470);
  }

  @Test
  void allKindsOfSend() throws Exception {
    Region revoked = pair.peer().register(64, Access.REMOTE_INVALIDATE);
    Region alsoRevoked = pair.peer().register(64, Access.REMOTE_INVALIDATE);
    Send plain = new Send(1, near.slice(0, 100));
    List<Send> sends =
        List.of(
            plain,
            plain.withSolicitedEvent(),
            plain.invalidating(revoked.stag()),
            plain.invalidating(alsoRevoked.stag()).withSolicitedEvent());
    for (Send send : sends) {
      pair.peer().receive(2, far, 0, 100);
      pair.host().post(send);
      assertThat(take().isSuccess()).isTrue();
      Completion got = pair.peer().take();
      assertThat(got.isSuccess()).isTrue();
      assertThat(got.solicited()).isEqualTo(send.solicited());
      assertThat(got.invalidatedStag()).isEqualTo(send.invalidateStag());
    }
  }

  @Test
  void allKindsOfReceive() throws Exception {
    MemoryRegion first = pair.host().allocate(4096, Access.REMOTE_INVALIDATE);
    MemoryRegion second = pair.host().allocate(4096, Access.REMOTE_INVALIDATE);
    int[] stags = {0, 0, first.stag(), second.stag()};
    for (int i = 0; i < stags.length; i++) {
      boolean solicited = (i & 1) != 0;
      pair.receive(new Receive(i, near.slice(0, 100)));
      pair.peer().send(9, far, 0, 100, solicited, stags[i]);
      Completion got = take();
      assertThat(got.status()).isEqualTo(CompletionStatus.SUCCESS);
      assertThat(got.solicited()).isEqualTo(solicited);
      assertThat(got.invalidatedStag())
          .isEqualTo(stags[i] == 0 ? OptionalInt.empty() : OptionalInt.of(stags[i]));
    }
    assertThat(first.isValid()).isFalse();
    assertThat(second.isValid()).isFalse();
    assertThat(near.isValid()).isTrue();
    // What names a revoked region never gets to the chip.
    pair.host().post(new Send(5, first.whole()));
    assertThat(take())
        .isEqualTo(Patterns.completion(5, Operation.SEND, CompletionStatus.INVALID_REGION, 0));
    first.close();
    second.close();
  }

  @Test
  void invalidatesLocally() throws Exception {
    MemoryRegion region = pair.host().allocate(4096, Access.REMOTE_WRITE);
    pair.host()
        .post(
            List.of(
                new Write(1, near.slice(0, 100), GoldenPeer.advertise(far)),
                new LocalInvalidate(2, region.stag()),
                new Send(3, region.slice(0, 10)),
                new LocalInvalidate(4, region.stag()),
                new LocalInvalidate(5, 0x7777_7777)));
    assertThat(take()).isEqualTo(Patterns.done(1, Operation.WRITE, 100));
    assertThat(take()).isEqualTo(Patterns.done(2, Operation.LOCAL_INVALIDATE, 0));
    assertThat(region.isValid()).isFalse();
    assertThat(take().status()).isEqualTo(CompletionStatus.INVALID_REGION);
    assertThat(take().status()).isEqualTo(CompletionStatus.INVALID_REGION);
    assertThat(take().status()).isEqualTo(CompletionStatus.INVALID_REGION);
    region.close();
  }

  /** A Read that takes its time does not let later requests complete first. */
  @Test
  void completesInOrder() throws Exception {
    List<WorkRequest> requests = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      requests.add(
          new Read(
              3L * i,
              near.slice(i * 4000L, 4000),
              GoldenPeer.advertise(far).slice(i * 4000L, 4000)));
      requests.add(
          new Write(
              3L * i + 1, near.slice(40_000, 10), GoldenPeer.advertise(far).slice(60_000, 10)));
      requests.add(
          new Write(
              3L * i + 2, near.slice(40_000, 1000), GoldenPeer.advertise(far).slice(60_000, 1000)));
    }
    pair.peer().stall();
    assertThat(pair.host().post(requests)).isEqualTo(15);
    assertThat(pair.host().completions().poll()).isEmpty();
    pair.peer().goOn();
    for (int i = 0; i < 15; i++) {
      assertThat(take().id()).isEqualTo(i);
    }
    assertSame(near.segment(), 0, far.segment(), 0, 20_000);
  }

  @Test
  void takesAsMuchAsTheQueueHolds() throws Exception {
    Write write = new Write(1, near.slice(0, 8), GoldenPeer.advertise(far));
    List<Write> twenty = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      twenty.add(write);
    }
    assertThat(pair.host().post(twenty)).isEqualTo(DEPTH);
    assertThatThrownBy(() -> pair.host().post(write))
        .isInstanceOf(WorkQueueFullException.class)
        .hasMessageContaining("send")
        .hasMessageContaining("16");
    // Completions that nobody has polled still hold their places.
    bench.chipLoop().run(() -> {});
    assertThatThrownBy(() -> pair.host().post(write)).isInstanceOf(WorkQueueFullException.class);
    for (int i = 0; i < DEPTH; i++) {
      assertThat(take().isSuccess()).isTrue();
    }
    assertThat(pair.host().post(twenty.subList(0, 3))).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(take().isSuccess()).isTrue();
    }
    Receive receive = new Receive(2, near.slice(0, 8));
    for (int i = 0; i < DEPTH; i++) {
      pair.host().post(receive);
    }
    assertThatThrownBy(() -> pair.host().post(receive))
        .isInstanceOf(WorkQueueFullException.class)
        .hasMessageContaining("receive");
    assertThat(pair.host().counters().completionStalls()).isEqualTo(1);
    assertThat(bench.events()).contains("stalled");
  }

  @Test
  void refusesWhatItDoesNotHave() throws Exception {
    assertThatThrownBy(() ->
            pair.host().post(new FetchAdd(1, near.slice(0, 8), GoldenPeer.advertise(far), 1, 0)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("FETCH_ADD");
    assertThatThrownBy(() -> pair.host().allocate(8, Access.REMOTE_ATOMIC))
        .isInstanceOf(UnsupportedOperationException.class);
    List<LocalBuffer> eighteen = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      eighteen.add(near.slice(0, 1));
    }
    assertThatThrownBy(() -> pair.host().post(new Send(1, eighteen, false, OptionalInt.empty())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("18");
    assertThatThrownBy(() -> pair.receive(new Receive(1, eighteen.subList(0, 5))))
        .isInstanceOf(IllegalArgumentException.class);
    RemoteBuffer small = GoldenPeer.advertise(far).slice(0, 10);
    assertThatThrownBy(() -> pair.host().post(new Write(1, near.slice(0, 11), small)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> pair.host().post(new Read(1, near.slice(0, 9), small)))
        .isInstanceOf(IllegalArgumentException.class);
    MemoryRegion local = pair.host().allocate(100);
    assertThatThrownBy(() -> pair.host().post(new Read(1, local.slice(0, 10), small)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("REMOTE_WRITE");
    assertThatThrownBy(() -> pair.host().register(MemorySegment.ofArray(new byte[8])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("heap");
    assertThatThrownBy(() -> pair.host().register(near.segment().asReadOnly()))
        .isInstanceOf(IllegalArgumentException.class);
    try (Pair other = Pair.spec(bench).wire(w -> w.ports(7472, 40_002)).connect()) {
      MemoryRegion foreign = other.host().allocate(10);
      assertThatThrownBy(() -> pair.host().post(new Send(1, foreign.whole())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another connection");
    }
    assertThat(pair.host().end()).isEmpty();
  }

  @Test
  void counts() throws Exception {
    pair.peer().receive(1, far, 0, 100);
    pair.host().post(new Send(1, near.slice(0, 100)));
    pair.host().post(new Write(2, near.slice(0, 50), GoldenPeer.advertise(far)));
    pair.host().post(new Read(3, near.slice(0, 30), GoldenPeer.advertise(far).slice(0, 30)));
    pair.receive(new Receive(4, near.slice(0, 20)));
    pair.peer().send(5, far, 0, 20);
    for (int i = 0; i < 4; i++) {
      assertThat(take().isSuccess()).isTrue();
    }
    var counters = pair.host().counters();
    assertThat(counters.sent().messages(MessageKind.SEND)).isEqualTo(1);
    assertThat(counters.sent().payloadBytes(MessageKind.SEND)).isEqualTo(100);
    assertThat(counters.sent().payloadBytes(MessageKind.WRITE)).isEqualTo(50);
    assertThat(counters.sent().messages(MessageKind.READ_REQUEST)).isEqualTo(1);
    assertThat(counters.received().payloadBytes(MessageKind.READ_RESPONSE)).isEqualTo(30);
    assertThat(counters.received().payloadBytes(MessageKind.SEND)).isEqualTo(20);
    assertThat(bench.rnic().counters()).isEqualTo(counters);
  }

  private Completion take() throws Exception {
    return pair.host().completions().take();
  }

  private static void assertSame(
      MemorySegment one, long oneAt, MemorySegment other, long otherAt, long length) {
    assertThat(one.asSlice(oneAt, length).mismatch(other.asSlice(otherAt, length))).isEqualTo(-1);
  }
}
