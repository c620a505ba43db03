package dev.offramp.cli.matrix;

import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.cli.matrix.Fault.Kind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One connection, one move, one fault. Afterwards the connection is alive at exactly one owner with
 * all of its data, or it has ended with a type at both ends; either way each request has completed
 * exactly once.
 */
final class FaultCase {
  private static final Duration PAUSE_LIMIT = Duration.ofMillis(150);
  private static final long PATIENCE_SECONDS = 60;
  private static final Set<Operation> ALL =
      EnumSet.of(Operation.WRITE, Operation.READ, Operation.SEND);

  private final FaultRig rig;
  private final FaultInjection injection;

  FaultCase(FaultRig rig, FaultInjection injection) {
    this.rig = rig;
    this.injection = injection;
  }

  /** Runs it; returns what became of the connection, or throws an AssertionError. */
  String run() throws Exception {
    try (FaultRig.Pair pair = rig.connect()) {
      FaultEnd near = new FaultEnd(pair.near(), true);
      FaultEnd far = new FaultEnd(pair.far(), rig.traffic().ird() > 0);
      Set<Operation> before = rig.traffic().before();
      near.begin(1);
      far.begin(2);
      near.post(far, before);
      far.post(near, before);
      AtomicBoolean moving = new AtomicBoolean(true);
      FutureTask<Boolean> ticking =
          start(() -> {
            far.tick(near, moving::get);
            return true;
          });
      injection.arm(rig, pair.far());
      String outcome;
      try {
        outcome = move(pair.near());
      } finally {
        injection.disarm();
        moving.set(false);
      }
      ticking.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      injection.requireHappened();
      return outcome + ", " + judge(near, far, outcome);
    }
  }

  private String judge(FaultEnd near, FaultEnd far, String outcome) throws Exception {
    if (!injection.endsTheConnection()) {
      try {
        live(near, far);
        if (outcome.startsWith("lost")) {
          throw new AssertionError("said to be lost, and alive");
        }
        return "alive with all data";
      } catch (ConnectionClosedException e) {
        if (!outcome.startsWith("lost") && !injection.mayEndTheConnection(outcome)) {
          throw new AssertionError(
              outcome + ", and ended: " + near.connection().end() + " / " + far.connection().end(),
              e);
        }
      }
    }
    return "ends " + near.endedWith(far) + " / " + far.endedWith(near);
  }

  /** All that was posted comes to its end, and then all operations once more. */
  private void live(FaultEnd near, FaultEnd far) throws Exception {
    Set<Operation> after = EnumSet.copyOf(ALL);
    after.removeAll(rig.traffic().before());
    near.post(far, after);
    far.post(near, after);
    succeed(near, far);
    near.begin(3);
    far.begin(4);
    near.post(far, ALL);
    far.post(near, ALL);
    succeed(near, far);
    // Behind its last Send nothing of the peer's is under way.
    near.compareTicks(far);
  }

  private static void succeed(FaultEnd near, FaultEnd far) throws Exception {
    FutureTask<Boolean> other =
        start(() -> {
          far.succeed();
          return true;
        });
    ConnectionClosedException ended = null;
    try {
      near.succeed();
    } catch (ConnectionClosedException e) {
      ended = e;
    }
    try {
      other.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof ConnectionClosedException)) {
        throw e;
      }
      ended = (ConnectionClosedException) e.getCause();
    }
    if (ended != null) {
      throw ended;
    }
    near.compare(far);
    far.compare(near);
  }

  static <T> FutureTask<T> start(Callable<T> code) {
    FutureTask<T> future = new FutureTask<>(code);
    Thread.ofPlatform().name("offramp-faults").daemon(true).start(future);
    return future;
  }

  private String move(RdmaConnection moving) throws TransferException {
    if (injection.kind() == Kind.PAUSE_TOO_LONG) {
      return drain(moving);
    }
    try {
      rig.hosts().move(moving, rig.target());
      requireAt(moving, rig.target());
      return "moved";
    } catch (TransferException e) {
      return unmoved(moving, e);
    }
  }

  private String unmoved(RdmaConnection moving, TransferException e) {
    String why =
        e.refusals().isEmpty() ? e.step().toString() : e.refusals().getFirst().reason().toString();
    injection.because(e);
    if (e.whereabouts() == Whereabouts.LOST) {
      return "lost (" + why + ")";
    }
    if (e.whereabouts() != Whereabouts.OLD_OWNER) {
      throw new AssertionError("the connection is " + e.whereabouts(), e);
    }
    requireAt(moving, rig.source());
    return "undone (" + why + ")";
  }

  private String drain(RdmaConnection moving) throws TransferException {
    FailoverPolicy policy =
        FailoverPolicy.to(rig.target()).withMovesAtOnce(1).withPauseLimit(PAUSE_LIMIT);
    try (Failover failover = rig.hosts().failover(policy)) {
      FailoverReport report = failover.drain(rig.source());
      failover.readmit(rig.source());
      if (report.moved() == 1) {
        requireAt(moving, rig.target());
        return "moved";
      }
      return unmoved(moving, report.unmoved().getFirst().refusals().values().iterator().next());
    }
  }

  private static void requireAt(RdmaConnection connection, String owner) {
    if (!connection.ownerName().equals(owner)) {
      throw new AssertionError("at [" + connection.ownerName() + "], expected [" + owner + "]");
    }
  }
}
