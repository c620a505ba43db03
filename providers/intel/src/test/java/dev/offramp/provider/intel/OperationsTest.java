package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.offramp.api.mpa.MpaRole;
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
import dev.offramp.models.AdapterModelFactory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be posted, and how it completes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class OperationsTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";

  private interface Script {
    void run(Bench.Pair pair, Exchange exchange) throws Exception;
  }

  private static void run(AdapterModelFactory kind, Script script) throws Exception {
    run(new Bench(kind), script);
  }

  private static void run(Bench unopened, Script script) throws Exception {
    try (Bench bench = unopened) {
      try (Bench.Pair pair =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result())) {
        script.run(pair, new Exchange(pair));
      }
      bench.closeClean();
      assertThat(bench.model().refusals()).isEmpty();
    }
  }

  /** All lengths around what fits into a WQE, in one buffer and in two. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void shortMessagesOfEveryLength(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          for (int length = 0; length <= 260; length++) {
            int first = length / 3;
            exchange.peerMemory.segment().fill((byte) 0);
            pair.peer().receive(length, exchange.peerMemory, 0, length);
            pair.connection()
                .post(
                    new Send(
                        length,
                        List.of(
                            exchange.out.slice(5, first),
                            exchange.out.slice(5 + first, length - first)),
                        false,
                        OptionalInt.empty()));
            exchange.success(length, length);
            assertThat(pair.peer().take().bytes()).isEqualTo(length);
            assertThat(
                    exchange
                        .peerMemory
                        .segment()
                        .asSlice(0, length)
                        .mismatch(exchange.out.segment().asSlice(5, length)))
                .isEqualTo(-1);
          }
        });
  }

  /** Every number of buffers, of more bytes than fit into a WQE. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void asManyBuffersAsTheDeviceTakes(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          int most = most(kind);
          for (int count = 1; count <= most; count++) {
            pair.peer().receive(count, exchange.peerMemory, 0, Exchange.BYTES);
            pair.connection().post(send(count, exchange.out, count));
            exchange.success(count, 300L * count);
            assertThat(pair.peer().take().bytes()).isEqualTo(300L * count);
            for (int i = 0; i < count; i++) {
              assertThat(
                      exchange
                          .peerMemory
                          .segment()
                          .asSlice(300L * i, 300)
                          .mismatch(exchange.out.segment().asSlice(1000L * i, 300)))
                  .isEqualTo(-1);
            }
          }
          assertThatIllegalArgumentException()
              .isThrownBy(() -> pair.connection().post(send(99, exchange.out, most + 1)))
              .withMessageContaining("TOO_MANY_BUFFERS; " + (most + 1));
        });
  }

  private static int most(AdapterModelFactory kind) {
    return kind.device().name().equals("x722") ? 3 : 13;
  }

  private static Send send(long id, MemoryRegion from, int count) {
    List<LocalBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      buffers.add(from.slice(1000L * i, 300));
    }
    return new Send(id, buffers, false, OptionalInt.empty());
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void receivesIntoSeveralBuffers(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          List<LocalBuffer> buffers =
              List.of(
                  exchange.in.slice(0, 100),
                  exchange.in.slice(500, 0),
                  exchange.in.slice(1000, 200),
                  exchange.in.slice(2000, 300));
          pair.connection().post(new Receive(1, buffers));
          Exchange.fill(exchange.peerMemory.segment(), 3);
          pair.peer().send(1, exchange.peerMemory, 0, 500);
          exchange.success(1, 500);
          var from = exchange.peerMemory.segment();
          var to = exchange.in.segment();
          assertThat(to.asSlice(0, 100).mismatch(from.asSlice(0, 100))).isEqualTo(-1);
          assertThat(to.asSlice(1000, 200).mismatch(from.asSlice(100, 200))).isEqualTo(-1);
          assertThat(to.asSlice(2000, 200).mismatch(from.asSlice(300, 200))).isEqualTo(-1);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void solicitedEventsAndInvalidation(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          Region theirs = pair.peer().register(100, Access.REMOTE_INVALIDATE);
          MemoryRegion mine = pair.connection().allocate(100, Access.REMOTE_INVALIDATE);
          for (int i = 1; i <= 3; i++) {
            pair.peer().receive(i, exchange.peerMemory, 0, 100);
            pair.connection().post(new Receive(10 + i, exchange.in.slice(0, 100)));
          }
          pair.connection().post(new Send(1, exchange.out.slice(0, 10)).withSolicitedEvent());
          assertThat(pair.peer().take().solicited()).isTrue();
          exchange.success(1, 10);
          pair.connection()
              .post(
                  new Send(2, exchange.out.slice(0, 200).region().slice(0, 50))
                      .invalidating(theirs.stag()));
          Completion received = pair.peer().take();
          assertThat(received.solicited()).isFalse();
          assertThat(received.invalidatedStag()).hasValue(theirs.stag());
          exchange.success(2, 50);
          Region other = pair.peer().register(100, Access.REMOTE_INVALIDATE);
          pair.connection()
              .post(
                  new Send(3, exchange.out.slice(0, 100))
                      .invalidating(other.stag())
                      .withSolicitedEvent());
          assertThat(pair.peer().take().solicited()).isTrue();
          exchange.success(3, 100);

          pair.peer().send(4, exchange.peerMemory, 0, 10, true, 0);
          assertThat(exchange.success(11, 10).solicited()).isTrue();
          pair.peer().send(5, exchange.peerMemory, 0, 10, false, mine.stag());
          Completion invalidating = exchange.success(12, 10);
          assertThat(invalidating.solicited()).isFalse();
          assertThat(invalidating.invalidatedStag()).hasValue(mine.stag());
          assertThat(mine.isValid()).isFalse();
          pair.connection().post(new Send(6, mine.whole()));
          exchange.next(6, CompletionStatus.INVALID_REGION);
          mine.close();
          assertThat(pair.connection().end()).isEmpty();
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void invalidatesLocally(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          pair.peer().receive(1, exchange.peerMemory, 0, Exchange.BYTES);
          pair.connection().post(new Send(1, exchange.out.whole()));
          pair.connection().post(new LocalInvalidate(2, exchange.out.stag()));
          assertThat(exchange.out.isValid()).isFalse();
          pair.connection().post(new Send(3, exchange.out.slice(0, 500)));
          pair.connection().post(new LocalInvalidate(4, exchange.out.stag()));
          exchange.success(1, Exchange.BYTES);
          assertThat(exchange.success(2, 0).operation()).isEqualTo(Operation.LOCAL_INVALIDATE);
          exchange.next(3, CompletionStatus.INVALID_REGION);
          exchange.next(4, CompletionStatus.INVALID_REGION);
          MemoryRegion empty = pair.connection().allocate(0);
          pair.connection().post(new LocalInvalidate(5, empty.stag()));
          exchange.success(5, 0);
          assertThat(empty.isValid()).isFalse();
          exchange.out.close();
          pair.connection().post(new LocalInvalidate(6, exchange.in.stag()));
          exchange.success(6, 0);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void severalAtOnce(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          List<WorkRequest> requests = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            pair.peer().receive(i, exchange.peerMemory, 0, Exchange.BYTES);
            requests.add(new Send(i, exchange.out.slice(i, 100L * i)));
          }
          assertThat(pair.connection().post(requests)).isEqualTo(20);
          for (int i = 0; i < 20; i++) {
            exchange.success(i, 100L * i);
            assertThat(pair.peer().take().bytes()).isEqualTo(100L * i);
          }
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void reusesItsRingsManyTimes(AdapterModelFactory kind) throws Exception {
    Bench bench =
        new Bench(kind).with("send-queue-entries", "8").with("receive-queue-entries", "8");
    run(
        bench,
        (pair, exchange) -> {
          int quanta = 0;
          for (int round = 0; round < 400; round++) {
            pair.peer().receive(round, exchange.peerMemory, 0, Exchange.BYTES);
            pair.connection().post(new Receive(round, exchange.in.whole()));
            int length = round * 7 % 300;
            pair.connection().post(new Send(1000 + round, exchange.out.slice(0, length)));
            exchange.success(1000 + round, length);
            assertThat(pair.peer().take().bytes()).isEqualTo(length);
            pair.peer().send(round, exchange.peerMemory, 0, round);
            exchange.success(round, round);
            pair.peer().take();
            quanta += 1 + length / 32;
          }
          assertThat(quanta).isGreaterThan(2000);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void queuesSayWhenTheyAreFull(AdapterModelFactory kind) throws Exception {
    Bench bench =
        new Bench(kind).with("send-queue-entries", "8").with("receive-queue-entries", "6");
    List<Long> stalls = new ArrayList<>();
    bench.tell(new StallEvents(stalls));
    run(
        bench,
        (pair, exchange) -> {
          for (int i = 0; i < 8; i++) {
            pair.peer().receive(i, exchange.peerMemory, 0, 10);
          }
          for (int i = 0; i < 6; i++) {
            pair.connection().post(new Receive(100 + i, exchange.in.slice(0, 10)));
          }
          assertThatExceptionOfType(WorkQueueFullException.class)
              .isThrownBy(() -> pair.connection().post(new Receive(200, exchange.in.slice(0, 10))))
              .withMessageContaining("receive")
              .withMessageContaining("6");
          List<Send> sends = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            sends.add(new Send(i, exchange.out.slice(0, 10)));
          }
          assertThat(pair.connection().post(sends)).isEqualTo(8);
          for (int i = 0; i < 8; i++) {
            pair.peer().take();
          }
          // Nobody has taken a completion: a place is free when its completion is taken.
          do {
            assertThatExceptionOfType(WorkQueueFullException.class)
                .isThrownBy(() -> pair.connection().post(sends.get(8)))
                .withMessageContaining("send")
                .withMessageContaining("8");
          } while (pair.connection().counters().completionStalls() == 0);
          exchange.success(0, 10);
          pair.peer().receive(8, exchange.peerMemory, 0, 10);
          pair.connection().post(sends.get(8));
          for (int i = 1; i <= 8; i++) {
            exchange.success(i, 10);
          }
        });
    assertThat(stalls).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whatCannotBeIsRefusedAtOnce(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (pair, exchange) -> {
          var connection = pair.connection();
          RemoteBuffer theirs = exchange.advertised();
          assertThatIllegalArgumentException()
              .isThrownBy(
                  () -> connection.post(new Write(1, exchange.out.whole(), theirs.slice(0, 10))))
              .withMessageContaining("65536 bytes do not fit the target of 10");
          assertThatIllegalArgumentException()
              .isThrownBy(() -> connection.post(new Read(2, exchange.in.slice(0, 5), theirs)))
              .withMessageContaining("a source of 65536 bytes for a sink of 5");
          assertThatIllegalArgumentException()
              .isThrownBy(() -> connection.post(new Read(3, exchange.out.whole(), theirs)))
              .withMessageContaining("REMOTE_WRITE");
          assertThatExceptionOfType(UnsupportedOperationException.class)
              .isThrownBy(() ->
                  connection.post(
                      new FetchAdd(4, exchange.in.slice(0, 8), theirs.slice(0, 8), 1, 0)))
              .withMessageContaining("FETCH_ADD");
          assertThatIllegalArgumentException()
              .isThrownBy(() -> connection.allocate(8, Access.REMOTE_ATOMIC))
              .withMessageContaining("REMOTE_ATOMIC");
          assertThatIllegalArgumentException()
              .isThrownBy(() -> connection.register(MemorySegment.ofArray(new byte[8])))
              .withMessageContaining("heap");
          assertThat(connection.completions().poll()).isEqualTo(Optional.empty());
          exchange.sends();
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void countsWhatItDoes(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result())) {
        Exchange exchange = new Exchange(pair);
        exchange.sends();
        exchange.writes();
        exchange.reads();
        var counters = pair.connection().counters();
        assertThat(counters.sent().messages(MessageKind.SEND)).isEqualTo(2);
        assertThat(counters.sent().payloadBytes(MessageKind.WRITE)).isEqualTo(Exchange.BYTES);
        assertThat(counters.received().messages(MessageKind.SEND)).isEqualTo(2);
      }
      assertThat(bench.rnic().counters().sent().messages(MessageKind.SEND)).isEqualTo(2);
      bench.closeClean();
    }
  }
}
