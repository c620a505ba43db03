package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioUsage;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * An adapter comes up, a connection arrives, works and ends, the adapter goes down; something goes
 * wrong meanwhile. Asserts what holds whatever goes wrong, and says how it ended.
 */
final class FaultStory {
  private static final int BYTES = 4096;
  private static final long PATIENCE_MILLIS = 5000;
  private static final ChelsioUsage NOTHING = new ChelsioUsage(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private final Scenario scenario;
  private final Bench bench;
  private final Set<String> outcome = new TreeSet<>();
  private final List<Long> posted = new ArrayList<>();
  private final List<Long> completed = new ArrayList<>();
  private boolean left;

  /** How the connection is to end. */
  enum Scenario {
    /** The peer closes. */
    PEER_CLOSES(ChelsioChip.T6, "ClosedByPeer"),
    PEER_RESETS(ChelsioChip.T5, "Reset"),
    /** This end closes; over IPv6. */
    DISCONNECTS(ChelsioChip.T5, "ClosedLocally"),
    ABORTS(ChelsioChip.T6, "ClosedLocally"),
    /** This end reads what it must not. */
    PEER_TERMINATES(ChelsioChip.T5, "TerminatedByPeer"),
    /** The peer writes where it must not. */
    TERMINATES(ChelsioChip.T6, "TerminatedLocally"),
    /** Is taken back, and stays after all. */
    STAYS(ChelsioChip.T5, "ClosedLocally"),
    /** Is taken back. */
    MOVES(ChelsioChip.T6, "ClosedLocally"),
    /** Is not wanted any more when it has arrived. */
    ABANDONED(ChelsioChip.T5, "");

    private final ChelsioChip chip;
    private final String end;

    Scenario(ChelsioChip chip, String end) {
      this.chip = chip;
      this.end = end;
    }
  }

  /** One that will be told once. */
  FaultStory(Scenario scenario, Faults faults) {
    this.scenario = scenario;
    this.bench =
        new Bench(scenario.chip, faults)
            .setting("reply-timeout-millis", PATIENCE_MILLIS)
            .setting("linger-millis", PATIENCE_MILLIS);
  }

  /** How it ended, in the words of docs/chelsio.md; nothing when all was as it should be. */
  Set<String> tell() throws Exception {
    try (bench;
        Ticker ticker =
            new Ticker(
                bench.clock(), List.of(bench.chipLoop(), bench.peerLoop()), bench.driverLoop())) {
      ticker.start();
      live();
      bench.assertLoops();
      return outcome;
    }
  }

  private void live() throws Exception {
    try {
      bench.open();
    } catch (RnicException e) {
      assertThat(e).hasMessageContaining("device [").hasMessageNotContaining("null");
      assertThat(bench.memory().leaks()).isEmpty();
      outcome.add("no device");
      lookAtTheChip();
      return;
    }
    connect();
    assertThat(bench.events()).doesNotContain("ended twice");
    if (!bench.driverUsage().equals(Usage.NONE)) {
      outcome.add("kept");
    }
    bench.rnic().close();
    assertThat(bench.memory().leaks()).as("memory").isEmpty();
    assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
    assertThat(bench.ends()).doesNotContainValue(null);
    lookAtTheChip();
  }

  private void lookAtTheChip() {
    if (!bench.modelUsage().equals(NOTHING)) {
      outcome.add("stranded");
    }
  }

  private void connect() throws Exception {
    Pair.Spec spec = Pair.spec(bench).role(MpaRole.INITIATOR);
    if (scenario == Scenario.DISCONNECTS) {
      spec.wire(wire -> wire.ipv6());
    }
    Pair pair;
    try {
      if (scenario == Scenario.ABANDONED) {
        bench.rnic().arrive(spec.descriptor(spec.lay())).abandon();
        return;
      }
      pair = spec.connect();
    } catch (TransferException e) {
      assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
      assertThat(e.getMessage()).isNotBlank().doesNotContain("null");
      outcome.add("old owner");
      return;
    } catch (UncheckedIOException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(bench.ends()).hasSize(1);
      outcome.add("lost");
      return;
    }
    try (pair) {
      try {
        use(pair);
      } catch (ConnectionClosedException e) {
        assertThat(pair.host().end()).isPresent();
      } catch (TransferException e) {
        assertThat(e.whereabouts()).isIn(Whereabouts.OLD_OWNER, Whereabouts.LOST);
        outcome.add("call fails");
      } catch (OutOfDeviceMemoryException e) {
        assertThat(e).hasMessageContaining("memory");
        outcome.add("call fails");
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).isInstanceOf(RnicException.class);
        outcome.add("call fails");
      }
      if (left) {
        assertThat(completed).containsExactlyInAnyOrderElementsOf(posted);
        assertThat(bench.ends()).as("not ended, but elsewhere").isEmpty();
        return;
      }
      pair.host().close();
    }
    drain(pair);
    assertThat(completed).isEqualTo(completed.stream().distinct().toList());
    assertThat(completed).containsExactlyInAnyOrderElementsOf(posted);
    StreamEnd end = pair.host().end().orElseThrow();
    assertThat(bench.ends()).containsEntry(pair.host(), end);
    String how = end.getClass().getSimpleName();
    if (!how.equals(scenario.end)) {
      outcome.add(how);
    }
  }

  /** All that can be posted, each way; then the end. What does not come is not waited for. */
  private void use(Pair pair) throws Exception {
    Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    MemoryRegion near =
        scenario == Scenario.STAYS
            ? pair.host().register(Arena.ofAuto().allocate(BYTES), Access.REMOTE_WRITE)
            : pair.host().allocate(BYTES, Access.REMOTE_WRITE);
    if (!peerDoes(pair, () -> pair.peer().receive(1, far, 0, BYTES))) {
      return;
    }
    post(pair, new Receive(1, near.slice(0, 100)));
    post(pair, new Send(2, near.slice(100, 10)));
    post(pair, new Write(3, near.slice(200, 500), GoldenPeer.advertise(far)));
    post(pair, new Read(4, near.slice(1000, 100), GoldenPeer.advertise(far).slice(0, 100)));
    if (takeThree(pair) && peerDoes(pair, () -> pair.peer().send(2, far, 0, 50)) && take(pair)) {
      finish(pair, near, far);
    }
  }

  private void finish(Pair pair, MemoryRegion near, Region far) throws Exception {
    RemoteBuffer nowhere = new RemoteBuffer(0x1234_5678, 0, 10);
    switch (scenario) {
      case PEER_CLOSES -> peerDoes(pair, pair.peer()::disconnect);
      case PEER_RESETS -> peerDoes(pair, pair.peer()::reset);
      case DISCONNECTS -> pair.host().disconnect();
      case ABORTS -> pair.host().abort();
      case PEER_TERMINATES -> post(pair, new Read(5, near.slice(0, 10), nowhere));
      case TERMINATES -> peerDoes(pair, () -> pair.peer().write(5, far, 0, nowhere));
      case STAYS -> bench.rnic().depart(pair.host()).close();
      case MOVES -> leave(pair);
      default -> throw new IllegalStateException(scenario.name());
    }
    if (!left) {
      // There is nothing to come but the end.
      take(pair);
    }
  }

  private void leave(Pair pair) throws TransferException {
    Departure departure = bench.rnic().depart(pair.host());
    departure
        .descriptor()
        .value(DescriptorFields.COMPLETIONS)
        .forEach(completion -> completed.add(completion.id()));
    departure.release();
    left = true;
  }

  private void post(Pair pair, WorkRequest request) throws IOException {
    pair.host().post(request);
    posted.add(request.id());
  }

  private boolean take(Pair pair) throws Exception {
    return pair.host()
        .completions()
        .poll(Duration.ofMillis(PATIENCE_MILLIS))
        .map(this::completed)
        .orElse(false);
  }

  private boolean takeThree(Pair pair) throws Exception {
    for (int i = 0; i < 3; i++) {
      if (!take(pair)) {
        return false;
      }
    }
    return true;
  }

  private boolean completed(Completion completion) {
    return completed.add(completion.id());
  }

  private void drain(Pair pair) throws Exception {
    try {
      while (take(pair)) {
        // What was posted completes, successful or flushed.
      }
    } catch (ConnectionClosedException e) {
      return;
    }
    throw new AssertionError("an ended connection whose completions do not say so");
  }

  /** A peer that has been told of the stream's end does nothing any more. */
  private boolean peerDoes(Pair pair, Runnable what) {
    try {
      what.run();
      return true;
    } catch (IllegalStateException e) {
      if (pair.peer().isRunning()) {
        throw e;
      }
      return false;
    }
  }
}
