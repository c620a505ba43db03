package dev.offramp.cli.matrix;

import dev.offramp.api.Offramp;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.cli.matrix.KilledWorld.Socket;
import dev.offramp.runtime.journal.JournalReader.Recorded;
import dev.offramp.runtime.journal.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Processes that die, one after the other, each with a connection to each of several owners. The
 * next one starts while the present one runs, and what it opens frees what the dead one has left.
 */
final class KilledRun implements AutoCloseable {
  private static final String ESTABLISHED = "01";

  private final KilledWorld world;
  private final Path directory;
  private final Offramp peers = Offramp.open();
  private final List<String> wrong = new ArrayList<>();
  private final List<KilledOutcome> outcomes = new ArrayList<>();
  private final List<Dead> dead = new ArrayList<>();
  private int processes;
  private @Nullable Started next;

  /** A process, and its journal. */
  private record Started(KilledProcess process, Path journal) implements AutoCloseable {
    @Override
    public void close() {
      process.close();
    }
  }

  /** A connection whose moving end is gone, how its peer may hear of it, and the journal's word. */
  private record Dead(KilledCase which, String rule, String phase) {}

  /**
   * Processes in a world.
   *
   * @param directory for their journals
   */
  KilledRun(KilledWorld world, Path directory) {
    this.world = world;
    this.directory = directory;
  }

  /** What was seen of all that has been buried. */
  List<KilledOutcome> outcomes() {
    return List.copyOf(outcomes);
  }

  /** What must not be. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** The steps of moves that nobody stops, in the order of their targets. */
  List<List<String>> steps(MatrixOwner from, List<MatrixOwner> to) throws Exception {
    List<KilledCase> cases = new ArrayList<>();
    List<List<String>> steps = new ArrayList<>();
    try (Started started = open()) {
      for (MatrixOwner each : to) {
        cases.add(begin(started, from, each, KilledMove.NEVER));
      }
      for (KilledCase each : cases) {
        steps.add(each.moved(started.process()));
      }
      // Of how the peers hear of it nothing is known here: a guard may be about to be lifted.
      started.process().kill();
    } finally {
      for (KilledCase each : cases) {
        each.close();
      }
    }
    return steps;
  }

  /** One connection's place to die. */
  record Death(MatrixOwner to, String moment, List<String> steps) {}

  /** One process that dies when each of its connections stands at its moment. */
  void kill(MatrixOwner from, List<Death> deaths) throws Exception {
    List<KilledCase> cases = new ArrayList<>();
    try (Started started = open()) {
      for (Death each : deaths) {
        cases.add(begin(started, from, each.to(), each.moment()));
      }
      for (KilledCase each : cases) {
        each.stands(started.process());
      }
      started.process().kill();
      for (int i = 0; i < cases.size(); i++) {
        KilledCase each = cases.get(i);
        requireNobody(each);
        List<String> steps = deaths.get(i).steps();
        Optional<Phase> phase = KilledJournal.expected(steps, each.moment());
        requireRecord(started.journal(), each, phase);
        dead.add(
            new Dead(
                each,
                each.rule(steps, phase),
                phase.map(Phase::name).orElse(KilledOutcome.NO_RECORD)));
      }
      for (Dead each : dead) {
        // A guard swallows what its peer is told; without one nothing else is needed.
        if (!each.which().isGuarded()) {
          requireEnd(each);
        }
      }
    }
  }

  private KilledCase begin(Started started, MatrixOwner from, MatrixOwner to, String moment)
      throws Exception {
    return KilledCase.begin(world, started.process(), peers, from, to, moment);
  }

  /** No process has its socket any more, and the kernel's is at one place and ends. */
  private void requireNobody(KilledCase which) throws IOException {
    List<Socket> sockets = world.sockets(which.hostPort());
    if (sockets.size() > 1
        || sockets.stream().anyMatch(each -> each.isHeld() || each.state().equals(ESTABLISHED))) {
      wrong.add(which + ": sockets are left: " + sockets);
    }
  }

  private void requireRecord(Path journal, KilledCase which, Optional<Phase> expected)
      throws IOException {
    Optional<Recorded> seen = KilledJournal.of(journal, which.hostPort(), which.oldOwner());
    if (expected.isPresent() && seen.isPresent()) {
      KilledJournal.wrongWith(
              journal, seen.get(), expected.get(), which.oldOwner(), which.newOwner())
          .ifPresent(text -> wrong.add(which + ": " + text));
    } else if (expected.isPresent() || seen.isPresent()) {
      wrong.add(which + ": journal: seen " + seen + ", expected " + expected);
    }
  }

  private void requireEnd(Dead one) throws InterruptedException {
    try {
      StreamEnd end = one.which().end();
      if (!KilledRule.allows(one.rule(), end)) {
        wrong.add(
            "%s: the peer's end: seen %s, expected %s".formatted(one.which(), end, one.rule()));
      }
    } catch (IOException e) {
      wrong.add(one.which() + ": the peer's end: " + e.getMessage());
    }
  }

  /** A process that has opened the NICs, and so taken away what the dead one has left there. */
  private Started open() throws Exception {
    Started present = next == null ? start() : next;
    next = start();
    try {
      present.process().hear("up");
      present.process().order("open");
      present.process().hear("opened");
      bury();
      return present;
    } catch (Exception | Error e) {
      present.close();
      throw e;
    }
  }

  private Started start() throws IOException {
    Path journal = directory.resolve(Integer.toString(processes++));
    return new Started(world.start(journal), journal);
  }

  private void bury() throws Exception {
    int filters = world.filters();
    if (filters != 0) {
      wrong.add("filters of connections in NICs that were just opened: " + filters);
    }
    for (Dead each : dead) {
      KilledCase which = each.which();
      requireEnd(each);
      KilledOutcome outcome =
          new KilledOutcome(
              which.pair(), which.traffic().label(), which.moment(), each.rule(), each.phase());
      System.out.println(outcome);
      outcomes.add(outcome);
      which.close();
    }
    dead.clear();
  }

  /** Has the last ones buried, too. */
  void finish() throws Exception {
    try (Started last = open()) {
      last.process().kill();
    }
  }

  @Override
  public void close() throws IOException {
    if (next != null) {
      next.close();
    }
    for (Dead each : dead) {
      each.which().close();
    }
    peers.close();
  }
}
