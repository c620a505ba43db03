package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.spi.RnicEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How streams end: each way stays distinct, and each request completes. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class EndsTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";

  private interface Script {
    void run(Bench bench, Bench.Pair pair, Exchange exchange) throws Exception;
  }

  private static void run(AdapterModelFactory kind, Script script) throws Exception {
    List<StreamEnd> ends = new CopyOnWriteArrayList<>();
    try (Bench bench = new Bench(kind)) {
      bench.tell(
          new RnicEvents() {
            @Override
            public void ended(RdmaConnection connection, StreamEnd end) {
              ends.add(end);
            }
          });
      try (Bench.Pair pair =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result())) {
        Exchange exchange = new Exchange(pair);
        exchange.sends();
        script.run(bench, pair, exchange);
        assertThat(pair.connection().end()).contains(ends.getFirst());
        assertThatExceptionOfType(ConnectionClosedException.class)
            .isThrownBy(() -> pair.connection().post(new Send(1, exchange.out.whole())));
      }
      assertThat(ends).hasSize(1);
      bench.closeClean();
    }
  }

  private static void endOf(Bench.Pair pair, Class<? extends StreamEnd> kind) throws Exception {
    while (pair.connection().end().isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(pair.connection().end().orElseThrow()).isInstanceOf(kind);
  }

  /** All that is posted is flushed, and then a thread that takes learns the reason. */
  private static void flushed(Bench.Pair pair, long... ids) throws Exception {
    for (long id : ids) {
      Completion completion = pair.connection().completions().take();
      assertThat(completion.id()).isEqualTo(id);
      assertThat(completion.status()).isEqualTo(CompletionStatus.FLUSHED);
    }
    assertThatExceptionOfType(ConnectionClosedException.class)
        .isThrownBy(() -> pair.connection().completions().take());
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thisEndDisconnects(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer().receive(1, exchange.peerMemory, 0, Exchange.BYTES);
          pair.connection().post(new Receive(5, exchange.in.whole()));
          pair.connection().post(new Send(6, exchange.out.whole()));
          FutureTask<StreamEnd> closing = new FutureTask<>(pair.connection()::disconnect);
          Thread.ofVirtual().start(closing);
          assertThat(pair.peer().take().bytes()).isEqualTo(Exchange.BYTES);
          assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.ClosedByPeer.class);
          assertThat(closing.get()).isInstanceOf(StreamEnd.ClosedLocally.class);
          exchange.success(6, Exchange.BYTES);
          flushed(pair, 5);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerDisconnects(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection().post(new Receive(5, exchange.in.whole()));
          pair.peer().disconnect();
          endOf(pair, StreamEnd.ClosedByPeer.class);
          flushed(pair, 5);
          pair.peer().awaitGone();
          assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.ClosedLocally.class);
          assertThat(pair.connection().disconnect()).isInstanceOf(StreamEnd.ClosedByPeer.class);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerIsCutOff(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection().post(new Receive(5, exchange.in.whole()));
          pair.peer().raw(new byte[] {0, 40, 0x41});
          pair.peer().fin();
          endOf(pair, StreamEnd.TruncatedByPeer.class);
          flushed(pair, 5);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerResets(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer().stall();
          pair.connection().post(new Receive(5, exchange.in.whole()));
          pair.connection().post(new Read(6, exchange.in.whole(), exchange.advertised()));
          pair.connection().post(new Read(7, exchange.in.whole(), exchange.advertised()));
          pair.peer().reset();
          endOf(pair, StreamEnd.Reset.class);
          List<Long> ids = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            Completion completion = pair.connection().completions().take();
            assertThat(completion.status()).isEqualTo(CompletionStatus.FLUSHED);
            ids.add(completion.id());
          }
          // Each queue has its order, and there is none between them.
          assertThat(ids).containsExactlyInAnyOrder(5L, 6L, 7L);
          assertThat(ids).containsSubsequence(6L, 7L);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thisEndAborts(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection().post(new Receive(5, exchange.in.whole()));
          pair.connection().abort();
          pair.connection().abort();
          endOf(pair, StreamEnd.ClosedLocally.class);
          assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.Reset.class);
          flushed(pair, 5);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerTerminates(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection().post(new Receive(5, exchange.in.whole()));
          pair.peer().terminate(TerminateCause.STREAM_CATASTROPHIC);
          endOf(pair, StreamEnd.TerminatedByPeer.class);
          assertThat(
                  ((StreamEnd.TerminatedByPeer) pair.connection().end().orElseThrow()).terminate())
              .satisfies(terminate -> {
                assertThat(terminate.layer()).isZero();
                assertThat(terminate.type()).isEqualTo(2);
                assertThat(terminate.code()).isEqualTo(7);
              });
          flushed(pair, 5);
          pair.peer().awaitGone();
          assertThat(pair.connection().counters().terminatesReceived()).isEqualTo(1);
        });
  }

  /** The peer's Terminate says which Read it refuses, and that one completes so. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerRefusesARead(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection()
              .post(new Read(5, exchange.in.slice(0, 50), exchange.advertised().slice(0, 50)));
          exchange.success(5, 50);
          RemoteBuffer nowhere = new RemoteBuffer(exchange.peerMemory.stag() ^ 0x5500, 0, 50);
          pair.connection().post(new Read(6, exchange.in.slice(0, 50), nowhere));
          exchange.next(6, CompletionStatus.TERMINATED_BY_PEER);
          endOf(pair, StreamEnd.TerminatedByPeer.class);
          flushed(pair);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerWritesWhereItMayNot(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          MemoryRegion closed = pair.connection().allocate(100, Access.REMOTE_READ);
          pair.peer()
              .write(
                  1,
                  exchange.peerMemory,
                  0,
                  new RemoteBuffer(closed.stag(), closed.taggedOffset(), 50));
          terminatedLocally(pair, 0, 1, 2);
          flushed(pair);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerWritesBeyondTheRegion(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer()
              .write(
                  1,
                  exchange.peerMemory,
                  0,
                  new RemoteBuffer(
                      exchange.in.stag(), exchange.in.taggedOffset() + Exchange.BYTES - 5, 10));
          terminatedLocally(pair, 1, 1, 1);
          flushed(pair);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerSendsTooMuch(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection().post(new Receive(5, exchange.in.slice(0, 99)));
          pair.connection().post(new Receive(6, exchange.in.slice(0, 99)));
          pair.peer().send(1, exchange.peerMemory, 0, 100);
          exchange.next(5, CompletionStatus.MESSAGE_TOO_LONG);
          terminatedLocally(pair, 1, 2, 5);
          flushed(pair, 6);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerSendsWithoutAReceive(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer().send(1, exchange.peerMemory, 0, 100);
          terminatedLocally(pair, 1, 2, 2);
          flushed(pair);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void anFpduHasAWrongCrc(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer().raw(new byte[64]);
          terminatedLocally(pair, 2, 0, 2);
          flushed(pair);
          assertThat(pair.connection().counters().crcErrors()).isEqualTo(1);
          assertThat(pair.connection().counters().terminatesSent()).isEqualTo(1);
        });
  }

  private static void terminatedLocally(Bench.Pair pair, int layer, int type, int code)
      throws Exception {
    endOf(pair, StreamEnd.TerminatedLocally.class);
    var here = ((StreamEnd.TerminatedLocally) pair.connection().end().orElseThrow()).terminate();
    assertThat(List.of(here.layer(), here.type(), here.code()))
        .isEqualTo(List.of(layer, type, code));
    assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.TerminatedByPeer.class);
    var there = ((StreamEnd.TerminatedByPeer) pair.peer().awaitEnd()).terminate();
    assertThat(List.of(there.layer(), there.type(), there.code()))
        .isEqualTo(List.of(layer, type, code));
  }

  /** Memory that the device no longer knows, named by work that was posted before. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void aRegionGoesWhileWorkNamesIt(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer().stall();
          pair.connection().post(new Write(5, exchange.out.whole(), exchange.advertised()));
          FutureTask<Boolean> closing =
              new FutureTask<>(() -> {
                exchange.out.close();
                return true;
              });
          Thread.ofVirtual().start(closing);
          while (exchange.out.isValid()) {
            Thread.onSpinWait();
          }
          pair.peer().goOn();
          exchange.success(5, Exchange.BYTES);
          closing.get();
          pair.connection().abort();
          endOf(pair, StreamEnd.ClosedLocally.class);
          assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.Reset.class);
          flushed(pair);
        });
  }

  /** Who does not answer is reset in the end, and no close waits for longer. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void thePeerDoesNotAnswer(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.peer().stall();
          FutureTask<StreamEnd> closing = new FutureTask<>(pair.connection()::disconnect);
          Thread.ofVirtual().start(closing);
          while (!closing.isDone()) {
            bench.clock.jump(TimeUnit.MILLISECONDS.toNanos(100));
            bench.settle();
          }
          assertThat(closing.get()).isInstanceOf(StreamEnd.TimedOut.class);
          flushed(pair);
        });
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aClosedRnicEndsItsConnections(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          pair.connection().post(new Receive(5, exchange.in.whole()));
          bench.closeRnic();
          endOf(pair, StreamEnd.ClosedLocally.class);
          assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.Reset.class);
          flushed(pair, 5);
          // Memory stays the application's until it closes it.
          assertThat(exchange.in.segment().asSlice(0, 10).mismatch(exchange.out.segment()))
              .isEqualTo(10);
          assertThatExceptionOfType(IllegalStateException.class)
              .isThrownBy(() -> pair.connection().allocate(10));
        });
  }

  /** A close with a region of the peer's in use, and everything closed twice. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void closingCanBeRepeated(AdapterModelFactory kind) throws Exception {
    run(
        kind,
        (bench, pair, exchange) -> {
          Region theirs = pair.peer().register(10);
          pair.connection().close();
          pair.connection().close();
          exchange.in.close();
          exchange.in.close();
          assertThat(theirs).isNotNull();
          assertThat(pair.connection().disconnect()).isInstanceOf(StreamEnd.ClosedLocally.class);
        });
  }
}
