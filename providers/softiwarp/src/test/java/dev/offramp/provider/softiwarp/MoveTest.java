package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application sees of a move between two software RNICs of one process: nothing. */
@Timeout(120)
class MoveTest {
  private static final String FIRST = OfframpOptions.HOST_RESIDENT;
  private static final String SECOND = FIRST + ":2";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int BYTES = 100_000;

  private Offramp offramp;

  @BeforeEach
  void open() {
    offramp =
        Offramp.open(
            OfframpOptions.builder().setting("softiwarp.first-fpdu-delay-micros", "0").build());
  }

  @AfterEach
  void close() {
    offramp.close();
  }

  @Test
  void connectionRegionsAndRequestsStayWhatTheyAre() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      RdmaConnection moving = pair.initiator();
      MemoryRegion source = filled(moving, 1);
      MemoryRegion back = moving.allocate(BYTES, Access.REMOTE_WRITE);
      MemoryRegion target =
          pair.responder().allocate(BYTES, Access.REMOTE_WRITE, Access.REMOTE_READ);
      WorkRequest write = new Write(1, source.whole(), target.advertise());
      WorkRequest read = new Read(2, back.whole(), target.advertise());
      int stag = source.stag();
      for (String owner : List.of(SECOND, FIRST, SECOND)) {
        target.segment().fill((byte) 0);
        back.segment().fill((byte) 0);
        offramp.move(moving, owner);
        assertThat(moving.ownerName()).isEqualTo(owner);
        assertThat(source.stag()).isEqualTo(stag);
        assertThat(source.isValid()).isTrue();
        moving.post(List.of(write, read));
        RdmaPair.next(moving, Operation.WRITE);
        RdmaPair.next(moving, Operation.READ);
        assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
        assertThat(back.segment().mismatch(source.segment())).isEqualTo(-1);
      }
    }
  }

  @Test
  void thePeerReachesTheSameStagsAtEachOwner() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      MemoryRegion here = pair.initiator().allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion there = filled(pair.responder(), 2);
      MemoryRegion sink = pair.responder().allocate(BYTES, Access.REMOTE_WRITE);
      WorkRequest write = new Write(1, there.whole(), here.advertise());
      WorkRequest read = new Read(2, sink.whole(), here.advertise());
      for (String owner : List.of(SECOND, FIRST, SECOND, FIRST)) {
        here.segment().fill((byte) 0);
        sink.segment().fill((byte) 0);
        offramp.move(pair.initiator(), owner);
        pair.responder().post(List.of(write, read));
        RdmaPair.next(pair.responder(), Operation.WRITE);
        RdmaPair.next(pair.responder(), Operation.READ);
        assertThat(here.segment().mismatch(there.segment())).isEqualTo(-1);
        assertThat(sink.segment().mismatch(there.segment())).isEqualTo(-1);
      }
      assertThat(pair.initiator().counters().received().messages(MessageKind.WRITE))
          .as("counted at four owners, the first FPDU besides")
          .isGreaterThanOrEqualTo(4);
    }
  }

  /** Whatever a thread waits in, and whichever kind of thread it is. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void threadsThatWaitGoOnAtTheNextOwner(boolean virtual) throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      MemoryRegion inbox = pair.initiator().allocate(3 * 8);
      for (int i = 0; i < 3; i++) {
        pair.initiator().post(new Receive(i, inbox.slice(8L * i, 8)));
      }
      List<FutureTask<Long>> waiting =
          List.of(
              new FutureTask<>(() -> pair.initiator().completions().take().id()),
              new FutureTask<>(
                  () -> pair.initiator().completions().poll(PATIENCE).orElseThrow().id()),
              new FutureTask<>(() -> {
                AtomicReference<Long> id = new AtomicReference<>();
                pair.initiator()
                    .completions()
                    .take((each, operation, status, bytes, detail) -> id.set(each), 1);
                return id.get();
              }));
      for (FutureTask<Long> task : waiting) {
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon(true)).start(task);
      }
      for (String owner : List.of(SECOND, FIRST, SECOND)) {
        offramp.move(pair.initiator(), owner);
      }
      MemoryRegion message = pair.responder().allocate(8);
      for (int i = 0; i < 3; i++) {
        pair.responder().post(new Send(i, message.whole()));
      }
      List<Long> ids = new ArrayList<>();
      for (FutureTask<Long> task : waiting) {
        ids.add(TcpPair.join(task));
      }
      assertThat(ids).containsExactlyInAnyOrder(0L, 1L, 2L);
    }
  }

  @Test
  void completionsThatNobodyPolledComeFirstInTheirOrderAndOnce() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      MemoryRegion target = pair.responder().allocate(BYTES, Access.REMOTE_WRITE);
      MemoryRegion inbox = pair.responder().allocate(8);
      pair.responder().post(new Receive(inbox.whole()));
      MemoryRegion source = filled(pair.initiator(), 3);
      for (int i = 0; i < 20; i++) {
        pair.initiator().post(new Write(i, source.whole(), target.advertise()));
      }
      pair.initiator().post(new Send(20, source.slice(0, 8)));
      // Delivered after all Writes: so these have completed at the other end.
      RdmaPair.next(pair.responder(), Operation.RECEIVE);
      offramp.move(pair.initiator(), SECOND);
      pair.initiator().post(new Write(21, source.whole(), target.advertise()));
      for (int i = 0; i < 22; i++) {
        Completion next = pair.initiator().completions().poll(PATIENCE).orElseThrow();
        assertThat(next.id()).isEqualTo(i);
        assertThat(next.isSuccess()).isTrue();
      }
      assertThat(pair.initiator().completions().poll()).isEmpty();
    }
  }

  /** A Responder may not speak before it is spoken to: so nothing of this has begun. */
  @Test
  void workThatHasNotBegunMovesAlong() throws Exception {
    try (TcpPair tcp = TcpPair.open()) {
      FutureTask<RdmaConnection> responding =
          TcpPair.start(
              () -> offramp.offload(tcp.far(), Mpa.responder().build(), ConnectionSetup.NONE));
      RdmaConnection initiator = offramp.offload(tcp.near(), Mpa.initiator().build());
      RdmaConnection responder = TcpPair.join(responding);
      MemoryRegion inbox = initiator.allocate(10 * 8);
      for (int i = 0; i < 10; i++) {
        initiator.post(new Receive(100 + i, inbox.slice(8L * i, 8)));
      }
      MemoryRegion words = responder.allocate(10 * 8);
      for (int i = 0; i < 10; i++) {
        words.segment().setAtIndex(ValueLayout.JAVA_LONG, i, 1000 + i);
        responder.post(new Send(i, words.slice(8L * i, 8)));
        if (i % 3 == 0) {
          offramp.move(responder, responder.ownerName().equals(FIRST) ? SECOND : FIRST);
        }
      }
      assertThat(responder.completions().poll()).isEmpty();
      assertThat(responder.counters().sent().fpdus()).isZero();
      offramp.move(initiator, SECOND);
      initiator.post(new Write(1, initiator.allocate(8).slice(0, 0), words.advertise()));
      RdmaPair.next(initiator, Operation.WRITE);
      for (int i = 0; i < 10; i++) {
        assertThat(RdmaPair.next(responder, Operation.SEND).id()).isEqualTo(i);
        assertThat(RdmaPair.next(initiator, Operation.RECEIVE).id()).isEqualTo(100 + i);
        assertThat(inbox.segment().getAtIndex(ValueLayout.JAVA_LONG, i)).isEqualTo(1000 + i);
      }
      initiator.abort();
      responder.abort();
    }
  }

  @Test
  void aMoveThatIsRefusedChangesNothing() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp);
        Offramp other = Offramp.open()) {
      RdmaConnection moving = pair.initiator();
      assertThat(refusal(() -> offramp.move(moving, FIRST)))
          .isEqualTo(RefusalReason.CHANNEL_IN_USE);
      assertThat(refusal(() -> offramp.move(moving, "softiwarp:0")))
          .isEqualTo(RefusalReason.NO_OWNER);
      assertThat(refusal(() -> offramp.move(moving, "hardiwarp")))
          .isEqualTo(RefusalReason.NO_OWNER);
      assertThat(refusal(() -> other.move(moving, SECOND))).isEqualTo(RefusalReason.NO_OWNER);
      // Not one of this process's network namespaces: it needs a NIC that nobody has provided.
      assertThat(refusal(() -> offramp.move(moving, OfframpOptions.DETACHED)))
          .isEqualTo(RefusalReason.NO_OWNER);
      MemoryRegion word = moving.allocate(8);
      MemoryRegion inbox = pair.responder().allocate(8);
      pair.responder().post(new Receive(inbox.whole()));
      moving.post(new Send(word.whole()));
      AtomicReference<RefusalReason> inside = new AtomicReference<>();
      moving
          .completions()
          .take(
              (id, operation, status, bytes, detail) ->
                  inside.set(refusal(() -> offramp.move(moving, SECOND))),
              1);
      assertThat(inside.get()).isEqualTo(RefusalReason.CHANNEL_IN_USE);
      RdmaPair.next(pair.responder(), Operation.RECEIVE);
      assertThat(moving.ownerName()).isEqualTo(FIRST);
      offramp.move(moving, SECOND);
      pair.responder().abort();
      assertThatThrownBy(() -> moving.completions().take()).isNotNull();
      assertThat(refusal(() -> offramp.move(moving, FIRST))).isEqualTo(RefusalReason.CLOSED);
    }
  }

  private interface Move {
    void run() throws TransferException;
  }

  private static RefusalReason refusal(Move move) {
    TransferException e = catchThrowableOfType(TransferException.class, move::run);
    assertThat(e).isNotNull();
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    return e.refusals().getFirst().reason();
  }

  /** Whoever comes first: nothing hangs, and no memory stays. */
  @Test
  void regionsComeAndGoWhileTheConnectionMoves() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      FutureTask<Integer> busy =
          TcpPair.start(() -> {
            int count = 0;
            while (!Thread.currentThread().isInterrupted() && count < 2_000) {
              MemoryRegion region = pair.initiator().allocate(64, Access.REMOTE_WRITE);
              MemorySegment memory = region.segment();
              region.close();
              assertThat(memory.scope().isAlive()).isFalse();
              assertThat(region.isValid()).isFalse();
              count++;
            }
            return count;
          });
      int moves = 0;
      while (!busy.isDone() || moves < 4) {
        try {
          offramp.move(pair.initiator(), moves % 2 == 0 ? SECOND : FIRST);
          moves++;
        } catch (TransferException e) {
          assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.CHANNEL_IN_USE);
        }
      }
      assertThat(TcpPair.join(busy)).isEqualTo(2_000);
    }
  }

  @Test
  void aConnectionCanBeClosedWhileItMoves() throws Exception {
    for (int i = 0; i < 30; i++) {
      RdmaPair pair = RdmaPair.open(offramp);
      MemorySegment memory = pair.initiator().allocate(64).segment();
      FutureTask<Integer> moving =
          TcpPair.start(() -> {
            int moves = 0;
            try {
              while (true) {
                offramp.move(pair.initiator(), moves % 2 == 0 ? SECOND : FIRST);
                moves++;
              }
            } catch (TransferException e) {
              assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
              return moves;
            }
          });
      FutureTask<StreamEnd> peer = TcpPair.start(() -> pair.responder().disconnect());
      pair.initiator().close();
      assertThat(TcpPair.join(moving)).isNotNegative();
      assertThat(pair.initiator().end()).isPresent();
      assertThat(TcpPair.join(peer)).isNotNull();
      assertThat(memory.scope().isAlive()).isFalse();
      pair.close();
    }
  }

  private static MemoryRegion filled(RdmaConnection connection, long seed) {
    MemoryRegion region = connection.allocate(BYTES);
    MemorySegment.copy(
        TcpPair.bytes(seed, BYTES), 0, region.segment(), ValueLayout.JAVA_BYTE, 0, BYTES);
    return region;
  }
}
