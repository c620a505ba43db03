package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.provider.chelsio.adapter.Usage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All ways in which a connection ends. */
@Timeout(120)
class EndsTest {
  private static final int BYTES = 4096;

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
    bench = new Bench(ChelsioChip.T5).open();
    pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect();
    far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    near = pair.host().allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
  }

  @AfterEach
  void close() {
    pair.close();
    assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
    assertThat(bench.ends()).hasSize(1);
    assertThat(bench.events()).doesNotContain("ended twice");
    bench.assertClean();
    bench.closeAndAssertNothingLeaks();
    bench.close();
  }

  /** Waits without taking completions. */
  private StreamEnd awaitEnd() {
    while (pair.host().end().isEmpty()) {
      Thread.onSpinWait();
    }
    return pair.host().end().get();
  }

  @Test
  void disconnectFinishesWorkFirst() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    pair.peer().receive(2, far, 0, BYTES);
    pair.host().post(new Send(3, near.slice(0, 1000)));
    CompletableFuture<StreamEnd> closed =
        CompletableFuture.supplyAsync(() -> {
          try {
            return pair.host().disconnect();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(pair.peer().take().bytes()).isEqualTo(1000);
    assertThat(pair.peer().awaitEnd()).isEqualTo(new StreamEnd.ClosedByPeer());
    assertThat(closed.get(60, TimeUnit.SECONDS)).isEqualTo(new StreamEnd.ClosedLocally());
    assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(3, Operation.SEND, 1000));
    assertThat(pair.host().completions().take().status()).isEqualTo(CompletionStatus.FLUSHED);
    assertThatThrownBy(() -> pair.host().completions().take())
        .isInstanceOf(ConnectionClosedException.class);
    assertThatThrownBy(() -> pair.host().post(new Send(4, near.slice(0, 1))))
        .isInstanceOf(ConnectionClosedException.class)
        .hasMessageContaining("ClosedLocally");
    pair.peer().awaitGone();
  }

  @Test
  void peerCloses() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    pair.peer().disconnect();
    assertThat(awaitEnd()).isEqualTo(new StreamEnd.ClosedByPeer());
    assertThat(pair.host().completions().take())
        .isEqualTo(Patterns.completion(1, Operation.RECEIVE, CompletionStatus.FLUSHED, 0));
    pair.peer().awaitGone();
    assertThat(pair.host().disconnect()).isEqualTo(new StreamEnd.ClosedByPeer());
  }

  /** A FIN that cuts an FPDU is no orderly end (RFC 5044, section 8). */
  @Test
  void peerClosesInsideAnFpdu() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    // Length 40, and the beginning of a DDP segment.
    pair.peer().raw(new byte[] {0, 40, 0x41, 0x43, 0, 0});
    pair.peer().fin();
    assertThat(awaitEnd()).isEqualTo(new StreamEnd.TruncatedByPeer());
    assertThat(pair.host().completions().take())
        .isEqualTo(Patterns.completion(1, Operation.RECEIVE, CompletionStatus.FLUSHED, 0));
    assertThat(pair.host().disconnect()).isEqualTo(new StreamEnd.TruncatedByPeer());
  }

  /** The same behind a FIN of this end's own. */
  @Test
  void peerClosesInsideAnFpduAfterThisEnd() throws Exception {
    pair.peer().stall();
    pair.host().post(new Send(1, near.slice(0, 10)));
    assertThat(pair.host().completions().take().isSuccess()).isTrue();
    CompletableFuture<StreamEnd> closed =
        CompletableFuture.supplyAsync(() -> {
          try {
            return pair.host().disconnect();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    // Nothing can be posted once the FIN is on its way.
    while (takesWork()) {
      bench.chipLoop().run(() -> {});
    }
    pair.peer().raw(new byte[] {0, 40, 0x41, 0x43, 0, 0});
    pair.peer().fin();
    assertThat(closed.get(60, TimeUnit.SECONDS)).isEqualTo(new StreamEnd.TruncatedByPeer());
  }

  private boolean takesWork() throws Exception {
    try {
      pair.host().post(new Write(9, near.slice(0, 0), GoldenPeer.advertise(far).slice(0, 0)));
      return true;
    } catch (ConnectionClosedException e) {
      return false;
    }
  }

  @Test
  void peerResets() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    pair.peer().stall();
    pair.host().post(new Read(2, near.slice(0, 10), GoldenPeer.advertise(far).slice(0, 10)));
    pair.host().post(new Send(3, near.slice(0, 10)));
    pair.peer().reset();
    assertThat(awaitEnd()).isEqualTo(new StreamEnd.Reset());
    for (int i = 0; i < 3; i++) {
      assertThat(pair.host().completions().take().status()).isEqualTo(CompletionStatus.FLUSHED);
    }
    assertThat(bench.ends()).containsValue(new StreamEnd.Reset());
  }

  @Test
  void aborts() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    pair.host().abort();
    pair.host().abort();
    assertThat(pair.host().end()).contains(new StreamEnd.ClosedLocally());
    assertThat(pair.host().completions().take().status()).isEqualTo(CompletionStatus.FLUSHED);
    assertThat(pair.peer().awaitEnd()).isEqualTo(new StreamEnd.Reset());
  }

  /** The peer refuses a Send, and says which. */
  @Test
  void peerTerminatesASend() throws Exception {
    pair.peer().receive(1, far, 0, 10);
    pair.host().post(List.of(new Send(2, near.slice(0, 11)), new Send(3, near.slice(0, 1))));
    StreamEnd end = awaitEnd();
    assertThat(end).isInstanceOf(StreamEnd.TerminatedByPeer.class);
    assertThat(((StreamEnd.TerminatedByPeer) end).terminate().toString()).startsWith("1/2/05");
    assertThat(pair.host().counters().terminatesReceived()).isEqualTo(1);
    pair.peer().awaitGone();
  }

  /** The peer refuses a Read: it is known which. */
  @Test
  void peerTerminatesARead() throws Exception {
    RemoteBuffer nowhere = new RemoteBuffer(0x1234_5678, 0, 10);
    pair.host().post(new Read(2, near.slice(0, 10), nowhere));
    StreamEnd end = awaitEnd();
    assertThat(((StreamEnd.TerminatedByPeer) end).terminate().toString()).startsWith("0/1/00");
    assertThat(pair.host().completions().take())
        .isEqualTo(Patterns.completion(2, Operation.READ, CompletionStatus.TERMINATED_BY_PEER, 0));
    pair.peer().awaitGone();
  }

  @Test
  void peerTerminatesForNoReason() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    // A Responder speaks after its peer only.
    pair.host().post(new Write(2, near.slice(0, 1), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take().isSuccess()).isTrue();
    pair.peer().read(3, far, 0, near.advertise().slice(0, 1));
    assertThat(pair.peer().take().isSuccess()).isTrue();
    pair.peer().terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
    StreamEnd end = awaitEnd();
    assertThat(((StreamEnd.TerminatedByPeer) end).terminate().toString()).startsWith("0/0/00");
    assertThat(pair.host().completions().take().status()).isEqualTo(CompletionStatus.FLUSHED);
  }

  /** A message that is longer than the Receive: this end says so. */
  @Test
  void terminatesWhatIsTooLong() throws Exception {
    pair.receive(new Receive(1, near.slice(0, 10)));
    pair.host().post(new Write(2, near.slice(0, 1), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take().isSuccess()).isTrue();
    pair.peer().send(3, far, 0, 11);
    assertThat(pair.host().completions().take())
        .isEqualTo(Patterns.completion(1, Operation.RECEIVE, CompletionStatus.MESSAGE_TOO_LONG, 0));
    StreamEnd end = awaitEnd();
    assertThat(end).isInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(((StreamEnd.TerminatedLocally) end).terminate().toString()).startsWith("1/2/05");
    StreamEnd farEnd = pair.peer().awaitEnd();
    assertThat(((StreamEnd.TerminatedByPeer) farEnd).terminate().toString()).startsWith("1/2/05");
    assertThat(pair.host().counters().terminatesSent()).isEqualTo(1);
  }

  /** A message for which no Receive is posted. */
  @Test
  void terminatesWhatNobodyAwaits() throws Exception {
    pair.host().post(new Write(2, near.slice(0, 1), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take().isSuccess()).isTrue();
    pair.peer().send(3, far, 0, 11);
    StreamEnd end = awaitEnd();
    assertThat(((StreamEnd.TerminatedLocally) end).terminate().toString()).startsWith("1/2/02");
    StreamEnd farEnd = pair.peer().awaitEnd();
    assertThat(((StreamEnd.TerminatedByPeer) farEnd).terminate().toString()).startsWith("1/2/02");
  }

  /** The peer writes where it must not. */
  @Test
  void terminatesAccessThatIsNotAllowed() throws Exception {
    MemoryRegion local = pair.host().allocate(100);
    pair.host().post(new Write(2, near.slice(0, 1), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take().isSuccess()).isTrue();
    pair.peer().write(3, far, 0, local.advertise());
    StreamEnd end = awaitEnd();
    assertThat(end).isInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(pair.peer().awaitEnd()).isInstanceOf(StreamEnd.TerminatedByPeer.class);
    assertThat(local.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0)).isZero();
  }

  /** A peer that does not close its direction is not waited for longer than the user wants. */
  @Test
  void lingersNotForEver() throws Exception {
    pair.peer().stall();
    CompletableFuture<StreamEnd> closed =
        CompletableFuture.supplyAsync(() -> {
          try {
            return pair.host().disconnect();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    // The chip's FIN is out; then minutes pass, and not one more: the chip needs time to answer.
    while (pair.host().end().isEmpty()) {
      bench.chipLoop().run(() -> {});
      bench.clock().jump(TimeUnit.MINUTES.toNanos(1));
      // The timers come between two tasks.
      bench.driverLoop().run(() -> {});
      bench.driverLoop().run(() -> {});
    }
    assertThat(closed.get()).isEqualTo(new StreamEnd.TimedOut());
  }

  @Test
  void closeReleasesAll() throws Exception {
    MemoryRegion another = pair.host().allocate(100);
    pair.peer().disconnect();
    pair.host().close();
    pair.host().close();
    assertThat(near.isValid()).isFalse();
    assertThat(another.isValid()).isFalse();
    assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
    assertThat(bench.memory().mappingCount()).isZero();
    near.close();
    assertThat(bench.events().stream().filter("deregistered"::equals)).hasSize(2);
  }

  /** Memory of a region that a request uses is let go only when the request is done. */
  @Test
  void closingARegionWaitsForItsRequests() throws Exception {
    pair.peer().stall();
    pair.host().post(new Read(1, near.slice(0, 100), GoldenPeer.advertise(far).slice(0, 100)));
    CompletableFuture<Void> closed = CompletableFuture.runAsync(near::close);
    while (near.isValid()) {
      Thread.onSpinWait();
    }
    bench.chipLoop().run(() -> {});
    assertThat(closed.isDone()).isFalse();
    assertThat(bench.modelUsage().stags()).isEqualTo(1);
    pair.peer().goOn();
    closed.get(60, TimeUnit.SECONDS);
    assertThat(bench.modelUsage().stags()).isZero();
    assertThat(pair.host().completions().take().isSuccess()).isTrue();
  }
}
