package dev.offramp.runtime.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The order of a move between two RNICs, and what is left when something fails. */
@Timeout(60)
class ConnectionMoverTest {
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final ScriptedRnic first = new ScriptedRnic("first", log);
  private final ScriptedRnic second = new ScriptedRnic("second", log);
  private final ScriptedConnection atFirst = new ScriptedConnection("first", log);
  private final List<MovableConnection> closed = new ArrayList<>();
  private final OpenRnic there = second.open();
  private final MovableConnection connection =
      new MovableConnection(first.open(), atFirst, closed::add);
  private final ConnectionMover mover =
      new ConnectionMover(
          new TransferCoordinator(Set.of(), TransferListener.NONE),
          Duration.ofSeconds(1),
          new MoveEvents() {
            @Override
            public void arrived(MovableConnection moved, IwarpConnectionDescriptor descriptor) {
              log.add("told: at " + moved.ownerName());
            }

            @Override
            public void lost(MovableConnection lost) {
              log.add("told: lost, " + lost.end());
            }
          });

  @Test
  void theOrderIsThatOfTheTwoPhases() throws Exception {
    connection.allocate(64);
    second.needs = Set.of(Quiet.MESSAGES_WHOLE);
    first.posted = List.of(ScriptedRnic.localInvalidate(7));
    first.receives = List.of(ScriptedRnic.receive(8));
    mover.move(connection, there);
    assertThat(log)
        .containsExactly(
            "first departs [MESSAGES_WHOLE]",
            "second prepares 1 regions",
            "second gets RECEIVE 8",
            "second gets LOCAL_INVALIDATE 7",
            "first steers away",
            "first releases",
            "second activates",
            "told: at second");
    assertThat(connection.ownerName()).isEqualTo("second");
    assertThat(connection.owner()).isEqualTo(there);
  }

  @Test
  void regionsFollow() throws Exception {
    MemoryRegion region = connection.allocate(64);
    MemorySegment memory = region.segment();
    mover.move(connection, there);
    assertThat(region.isValid()).isTrue();
    assertThat(memory.scope().isAlive()).isTrue();
    region.close();
    region.close();
    assertThat(log).contains("second deregisters").doesNotContain("first deregisters");
    assertThat(memory.scope().isAlive()).isFalse();
  }

  @Test
  void carriedCompletionsComeBeforeThoseOfTheNewOwner() throws Exception {
    first.completions = List.of(ScriptedRnic.done(1), ScriptedRnic.done(2));
    mover.move(connection, there);
    connection.post(new LocalInvalidate(3, 1));
    List<Long> ids = new ArrayList<>();
    ids.add(connection.completions().take().id());
    connection.completions().poll((id, operation, status, bytes, detail) -> ids.add(id), 10);
    ids.add(connection.completions().poll(Duration.ofSeconds(10)).orElseThrow().id());
    assertThat(ids).containsExactly(1L, 2L, 3L);
    assertThat(connection.completions().poll()).isEmpty();
  }

  @Test
  void anOldOwnerThatForgetsItsCountersCostsNumbersOnly() throws Exception {
    atFirst.forgetsCounters = true;
    mover.move(connection, there);
    assertThat(connection.ownerName()).isEqualTo("second");
    connection.post(new LocalInvalidate(5, 1));
    assertThat(connection.completions().take().id()).isEqualTo(5);
  }

  @Test
  void aThreadThatWaitsAtTheOldOwnerGoesOnAtTheNew() throws Exception {
    FutureTask<Long> waiting = new FutureTask<>(() -> connection.completions().take().id());
    Thread.ofVirtual().start(waiting);
    mover.move(connection, there);
    connection.post(new LocalInvalidate(5, 1));
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(
      value = ScriptedRnic.Fault.class,
      names = {
        "NONE",
        "DEPART_THROWS",
        "DEPART_LOSES",
        "DEPART_BREAKS",
        "STEER_THROWS",
        "RESUME_THROWS",
        "ACTIVATE_THROWS"
      },
      mode = EnumSource.Mode.EXCLUDE)
  void whenTheNewOwnerFailsTheOldOneGoesOn(ScriptedRnic.Fault fault) throws Exception {
    first.posted = List.of(ScriptedRnic.localInvalidate(7));
    first.completions = List.of(ScriptedRnic.done(1));
    second.fault = fault;
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> mover.move(connection, there));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(log).doesNotContain("first releases", "second activates");
    if (fault != ScriptedRnic.Fault.REFUSES_PROFILE) {
      assertThat(log).contains("first resumes");
    }
    if (fault == ScriptedRnic.Fault.POST_THROWS) {
      assertThat(log).containsSubsequence("second abandons", "first resumes");
    }
    assertThat(connection.ownerName()).isEqualTo("first");
    // What was described stays at the owner that still has it: it is not delivered twice.
    assertThat(connection.completions().poll()).isEmpty();
    connection.post(new LocalInvalidate(9, 1));
    assertThat(connection.completions().take().id()).isEqualTo(9);
    second.fault = ScriptedRnic.Fault.NONE;
    mover.move(connection, there);
    assertThat(connection.ownerName()).isEqualTo("second");
  }

  @ParameterizedTest
  @EnumSource(
      value = ScriptedRnic.Fault.class,
      names = {"DEPART_THROWS", "DEPART_BREAKS", "STEER_THROWS"})
  void whenTheOldOwnerFailsItGoesOn(ScriptedRnic.Fault fault) throws Exception {
    first.fault = fault;
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> mover.move(connection, there));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
    assertThat(log).doesNotContain("first releases", "second activates");
    if (fault == ScriptedRnic.Fault.STEER_THROWS) {
      assertThat(log).containsSubsequence("second abandons", "first resumes");
    }
    connection.post(new LocalInvalidate(9, 1));
    assertThat(connection.completions().take().id()).isEqualTo(9);
  }

  @Test
  void anOldOwnerThatCannotResumeSaysSo() {
    first.fault = ScriptedRnic.Fault.RESUME_THROWS;
    second.fault = ScriptedRnic.Fault.ARRIVE_THROWS;
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> mover.move(connection, there));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.FROZEN);
    assertThat(e.step()).isEqualTo(TransferStep.RESUME);
  }

  /** Whoever can has to tell the peer, and the application knows already. */
  @Test
  void whatIsLostWithItsTcpIsTold() {
    second.fault = ScriptedRnic.Fault.ACTIVATE_THROWS;
    assertThatThrownBy(() -> mover.move(connection, there)).isInstanceOf(TransferException.class);
    assertThat(log.getLast()).isEqualTo("told: lost, " + connection.end()).contains("Failed");
  }

  @Test
  void whatIsLostInTheOldOwnersHandsIsTold() {
    first.fault = ScriptedRnic.Fault.DEPART_LOSES;
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> mover.move(connection, there));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
    assertThat(log.getLast()).startsWith("told: lost");
  }

  /** The socket itself tells the peer when it is closed. */
  @Test
  void whatIsLostWithinAStackIsNot() {
    OpenRnic near = new OpenRnic("near", second, first.open().stack());
    second.fault = ScriptedRnic.Fault.ACTIVATE_THROWS;
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> mover.move(connection, near));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
    assertThat(log).noneMatch(line -> line.startsWith("told: lost"));
  }

  @Test
  void whatStaysIsNot() {
    second.fault = ScriptedRnic.Fault.ARRIVE_THROWS;
    assertThatThrownBy(() -> mover.move(connection, there)).isInstanceOf(TransferException.class);
    assertThat(log).noneMatch(line -> line.startsWith("told"));
  }

  @Test
  void whatIsLostIsFlushedExactlyOnce() throws Exception {
    MemoryRegion region = connection.allocate(64);
    MemorySegment memory = region.segment();
    first.posted = List.of(ScriptedRnic.localInvalidate(7), ScriptedRnic.localInvalidate(8));
    first.receives = List.of(ScriptedRnic.receive(9));
    first.completions = List.of(ScriptedRnic.done(1));
    second.fault = ScriptedRnic.Fault.ACTIVATE_THROWS;
    FutureTask<Long> waiting = new FutureTask<>(() -> connection.completions().take().id());
    Thread.ofVirtual().start(waiting);
    TransferException e =
        catchThrowableOfType(TransferException.class, () -> mover.move(connection, there));
    assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
    assertThat(e.descriptor()).isPresent();
    List<Completion> all = new ArrayList<>();
    long taken = waiting.get(30, TimeUnit.SECONDS);
    for (int i = 0; i < 3; i++) {
      all.add(connection.completions().take());
    }
    List<Long> ids = new ArrayList<>(all.stream().map(Completion::id).toList());
    ids.add(taken);
    assertThat(ids).containsExactlyInAnyOrder(1L, 7L, 8L, 9L);
    assertThat(all)
        .filteredOn(completion -> completion.id() != 1)
        .allSatisfy(
            completion -> assertThat(completion.status()).isEqualTo(CompletionStatus.FLUSHED));
    assertThat(connection.completions().poll()).isEmpty();
    assertThatThrownBy(() -> connection.completions().take())
        .isInstanceOf(ConnectionClosedException.class);
    assertThatThrownBy(() -> connection.post(new LocalInvalidate(1, 1)))
        .isInstanceOf(ConnectionClosedException.class);
    assertThat(connection.end())
        .hasValueSatisfying(end -> assertThat(end).isInstanceOf(StreamEnd.Failed.class));
    assertThat(connection.disconnect()).isInstanceOf(StreamEnd.Failed.class);
    assertThat(region.isValid()).isFalse();
    connection.close();
    assertThat(memory.scope().isAlive()).isFalse();
    assertThat(closed).contains(connection);
  }

  @Test
  void flushedCompletionsSayWhatTheyAreOf() {
    first.receives = List.of(ScriptedRnic.receive(9));
    second.fault = ScriptedRnic.Fault.ACTIVATE_THROWS;
    assertThatThrownBy(() -> mover.move(connection, there)).isNotNull();
    assertThat(log).containsSequence("second activates", "second abandons");
    assertThat(connection.completions().poll())
        .hasValueSatisfying(completion -> {
          assertThat(completion.operation()).isEqualTo(Operation.RECEIVE);
          assertThat(completion.bytes()).isZero();
        });
  }
}
