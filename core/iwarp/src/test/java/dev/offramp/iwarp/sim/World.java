package dev.offramp.iwarp.sim;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.mpa.MpaStartup;
import dev.offramp.iwarp.rdmap.TerminateCause;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** One schedule: two ends, their network, their programs, and what has to be true at the end. */
final class World {
  private static final int MAX_EVENTS = 2_000_000;
  private static final int MAX_STEP_PAUSE_NANOS = 300_000;

  /** What became of a schedule, for statistics. */
  enum Outcome {
    REJECTED,
    NO_STREAM,
    STARTUP_TERMINATED,
    ALL_DONE,
    ERROR,
    RESET,
    CLOSED_EARLY,
    TERMINATED
  }

  private final Options options;
  private final Mutation mutation;
  private final Events events = new Events();
  private final RandomGenerator random;
  private final Peer initiator;
  private final Peer responder;
  private final int stepLimit;
  private int steps;
  private boolean planned;
  private boolean errorWanted;
  private boolean closed;
  private boolean opened;

  private World(Arena arena, long seed, int stepLimit, Mutation mutation) {
    this.mutation = mutation;
    this.stepLimit = stepLimit;
    SplittableRandom root = new SplittableRandom(seed);
    options = Options.of(root.split());
    random = root.split();
    SimTcp tcp = new SimTcp(options.network(), events, root.split());
    Memory here = new Memory(arena, root.split(), options.scale());
    Memory there = new Memory(arena, root.split(), options.scale());
    initiator = new Peer(this, options.initiator(), here, tcp.first(), root.split());
    responder = new Peer(this, options.responder(), there, tcp.second(), root.split());
    initiator.start(responder);
    responder.start(initiator);
  }

  /**
   * Runs one schedule.
   *
   * @param seed decides everything
   * @param stepLimit how many steps the applications take together at most: shorter schedules are
   *     the beginnings of longer ones
   * @param mutation the planted bug
   * @throws Violation when an invariant does not hold
   */
  static Outcome run(long seed, int stepLimit, Mutation mutation) {
    try (Arena arena = Arena.ofConfined()) {
      return new World(arena, seed, stepLimit, mutation).run();
    }
  }

  Events events() {
    return events;
  }

  Options options() {
    return options;
  }

  Mutation mutation() {
    return mutation;
  }

  /** An end has its stream: its application starts. */
  void entered(Peer peer) {
    peer.judge.checkAgreement();
    peer.other().judge.checkAgreement();
    events.after(random.nextInt(MAX_STEP_PAUSE_NANOS), () -> step(peer, options.steps()));
  }

  private void step(Peer peer, int left) {
    if (left == 0 || steps == stepLimit || peer.isReset()) {
      return;
    }
    steps++;
    if (steps > options.planStep() && !planned && startPlan()) {
      planned = true;
    }
    if (errorWanted && peer == actor() && !peer.application().isErrorPosted()) {
      peer.application().postError();
    }
    switch (random.nextInt(8)) {
      case 0, 1 -> peer.poll(1 + random.nextInt(4));
      case 2 -> {
        if (random.nextInt(4) == 0) {
          peer.changeEmss();
        }
      }
      default -> peer.application().step();
    }
    events.after(random.nextInt(MAX_STEP_PAUSE_NANOS), () -> step(peer, left - 1));
  }

  private Peer actor() {
    return options.planByInitiator() ? initiator : responder;
  }

  /** Does what was planned; false when it is too early. */
  private boolean startPlan() {
    if (actor().engineOrNull() == null) {
      return false;
    }
    switch (options.plan()) {
      case NOTHING -> {}
      case ERROR -> errorWanted = true;
      case RESET -> actor().reset();
      case CLOSE -> {
        closed = true;
        actor().close();
      }
      case TERMINATE -> actor().terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
    }
    return true;
  }

  private Outcome run() {
    int count = 0;
    while (true) {
      while (events.runNext()) {
        count++;
        Invariant.PROGRESS.require(count < MAX_EVENTS, "events without end");
      }
      initiator.checkDeadlineWasAsked();
      responder.checkDeadlineWasAsked();
      if (!goOn()) {
        return finish();
      }
    }
  }

  /** At rest: whether there is something left that the applications do. */
  private boolean goOn() {
    if (initiator.engineOrNull() == null || responder.engineOrNull() == null) {
      return false;
    }
    initiator.poll(Integer.MAX_VALUE);
    responder.poll(Integer.MAX_VALUE);
    if (initiator.isReset() || initiator.isOver() || responder.isOver()) {
      return false;
    }
    if (!opened && initiator.sent().fpdus() == 0 && !initiator.isClosing()) {
      opened = true;
      initiator.application().writeNothing(); // the Responder may not speak before that
      return true;
    }
    Invariant.PROGRESS.require(
        initiator.judge.isAllDone(), "requests of the Initiator are left at rest");
    Invariant.PROGRESS.require(
        responder.judge.isAllDone(), "requests of the Responder are left at rest");
    if (closed) {
      return false;
    }
    closed = true;
    int who = random.nextInt(3);
    if (who != 0) {
      initiator.close();
    }
    if (who != 1) {
      responder.close();
    }
    return true;
  }

  private Outcome finish() {
    if (!initiator.isReset()) {
      initiator.checkPlainStream();
      responder.checkPlainStream();
    }
    if (initiator.engineOrNull() == null || responder.engineOrNull() == null) {
      return finishWithoutStream();
    }
    Outcome outcome = outcome();
    checkEnds(outcome);
    initiator.judge.checkEnd(outcome == Outcome.ALL_DONE);
    responder.judge.checkEnd(outcome == Outcome.ALL_DONE);
    return outcome;
  }

  private Outcome finishWithoutStream() {
    if (initiator.isReset()) {
      return Outcome.NO_STREAM;
    }
    Invariant.STARTUP_AGREES.require(
        !options.accept()
            && initiator.startup().state() == MpaStartup.State.FAILED
            && initiator.startup().peer().privateData().equals(options.replyData())
            && initiator.isAllSent()
            && responder.isAllSent(),
        initiator.startup().state() + ", " + initiator.startup().message());
    return Outcome.REJECTED;
  }

  private Outcome outcome() {
    if (initiator.isReset()) {
      return Outcome.RESET;
    }
    if (initiator.startup().terminate().isPresent()) {
      return Outcome.STARTUP_TERMINATED;
    }
    if (actor().application().isErrorPosted()) {
      return Outcome.ERROR;
    }
    return switch (planned ? options.plan() : Options.Plan.NOTHING) {
      case TERMINATE -> Outcome.TERMINATED;
      case CLOSE -> Outcome.CLOSED_EARLY;
      default -> Outcome.ALL_DONE;
    };
  }

  private void checkEnds(Outcome outcome) {
    StreamEnd here = endOf(actor());
    StreamEnd there = endOf(actor().other());
    switch (outcome) {
      case ERROR -> checkError(there, here);
      case TERMINATED -> {
        if (actor() == responder && responder.sent().fpdus() == 0) {
          Invariant.ENDS_AGREE.require(
              here instanceof StreamEnd.TerminatedLocally
                  && there instanceof StreamEnd.ClosedByPeer,
              here + " and " + there);
        } else {
          checkTerminated(here, there, TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
        }
      }
      case STARTUP_TERMINATED ->
          Invariant.ENDS_AGREE.require(
              initiator.judge.end() instanceof StreamEnd.TerminatedLocally(Terminate mine, String _)
                  && (doesResponderEnd()
                      || (responder.judge.end()
                              instanceof StreamEnd.TerminatedByPeer(Terminate theirs)
                          && isSame(mine, theirs))),
              initiator.judge.end() + " and " + responder.judge.end());
      case ALL_DONE, CLOSED_EARLY ->
          Invariant.ENDS_AGREE.require(
              isClosed(initiator)
                  && isClosed(responder)
                  && (initiator.isClosing()
                      || !(initiator.judge.end() instanceof StreamEnd.ClosedLocally))
                  && (responder.isClosing()
                      || !(responder.judge.end() instanceof StreamEnd.ClosedLocally)),
              here + " and " + there);
      case RESET, REJECTED, NO_STREAM -> {}
    }
    boolean reset = outcome == Outcome.RESET;
    Invariant.PROGRESS.require(
        reset || (initiator.isAllSent() && responder.isAllSent()), "an end has not sent its FIN");
    if (outcome == Outcome.ALL_DONE && initiator.isClosing() != responder.isClosing()) {
      Peer closer = initiator.isClosing() ? initiator : responder;
      Invariant.ENDS_AGREE.require(
          closer.judge.end() instanceof StreamEnd.ClosedLocally, "closer: " + closer.judge.end());
    }
  }

  private static StreamEnd endOf(Peer peer) {
    StreamEnd end = peer.judge.end();
    if (end == null) {
      throw new Violation(Invariant.PROGRESS, peer.role + " has not ended");
    }
    return end;
  }

  /** Whether the Responder's application may have ended the stream before it heard of it. */
  private boolean doesResponderEnd() {
    return planned
        && actor() == responder
        && (options.plan() == Options.Plan.TERMINATE || options.plan() == Options.Plan.CLOSE);
  }

  private void checkError(StreamEnd finder, StreamEnd maker) {
    Request wrong =
        actor().application().requests.stream()
            .filter(request -> request.error != null)
            .findFirst()
            .orElseThrow();
    TerminateCause cause = wrong.error;
    Invariant.ERROR_NAMED.require(
        cause != null
            && finder instanceof StreamEnd.TerminatedLocally(Terminate seen, String _)
            && isSame(seen, cause),
        finder + ", expected " + cause + " for " + wrong);
    if (cause != null) {
      checkTerminated(finder, maker, cause);
    }
  }

  private static void checkTerminated(StreamEnd local, StreamEnd remote, TerminateCause cause) {
    Invariant.ENDS_AGREE.require(
        local instanceof StreamEnd.TerminatedLocally(Terminate mine, String _)
            && isSame(mine, cause)
            && remote instanceof StreamEnd.TerminatedByPeer(Terminate theirs)
            && isSame(theirs, cause),
        local + " and " + remote + ", expected " + cause);
  }

  private static boolean isSame(Terminate terminate, TerminateCause cause) {
    return terminate.layer() == cause.layer()
        && terminate.type() == cause.type()
        && terminate.code() == cause.code();
  }

  private static boolean isSame(Terminate one, Terminate other) {
    return one.layer() == other.layer()
        && one.type() == other.type()
        && one.code() == other.code()
        && one.headers().equals(other.headers());
  }

  private static boolean isClosed(Peer peer) {
    StreamEnd end = peer.judge.end();
    return end instanceof StreamEnd.ClosedLocally || end instanceof StreamEnd.ClosedByPeer;
  }
}
