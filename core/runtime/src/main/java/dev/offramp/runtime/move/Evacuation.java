package dev.offramp.runtime.move;

import dev.offramp.api.failover.FailoverListener;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One failover: moves all that an RNIC has, batch after batch. For one thread, once. */
public final class Evacuation {
  private static final System.Logger LOG = System.getLogger(Evacuation.class.getName());

  private final FailoverPolicy policy;
  private final ConnectionMover mover;
  private final Rnics rnics;
  private final Executor workers;
  private final Map<String, Candidate> candidates = new HashMap<>();

  // The results; under this object's lock.
  private final Map<String, Integer> movedTo = new HashMap<>();
  private final List<FailoverReport.Unmoved> unmoved = new ArrayList<>();
  private final List<Long> pauses = new ArrayList<>();
  private int ended;

  /** Opens RNICs by their names. */
  @FunctionalInterface
  public interface Rnics {
    OpenRnic open(String name) throws TransferException;
  }

  /** An RNIC of the policy's, or why there is none. */
  private record Candidate(@Nullable OpenRnic rnic, @Nullable TransferException refusal) {}

  /**
   * A failover.
   *
   * @param workers carries moves out; at least as many at once as the policy says
   */
  public Evacuation(FailoverPolicy policy, ConnectionMover mover, Rnics rnics, Executor workers) {
    this.policy = policy;
    this.mover = mover;
    this.rnics = rnics;
    this.workers = workers;
  }

  /**
   * Moves all connections that {@code there} gives, now or while this runs.
   *
   * @param rnic which RNIC is left
   * @param cause for the report
   * @param there those that live at it at this moment
   */
  public FailoverReport run(String rnic, String cause, Supplier<List<MovableConnection>> there) {
    long start = System.nanoTime();
    Set<MovableConnection> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<MovableConnection> left = unseen(there, seen);
    while (!left.isEmpty()) {
      for (int at = 0; at < left.size(); at += policy.batchSize()) {
        int end = Math.min(left.size(), at + policy.batchSize());
        runBatch(rnic, left.subList(at, end));
        tellProgress(rnic, left.size() - end);
      }
      left = unseen(there, seen);
    }
    FailoverReport report = report(rnic, cause, System.nanoTime() - start);
    tell(listener -> listener.finished(report));
    return report;
  }

  private static List<MovableConnection> unseen(
      Supplier<List<MovableConnection>> there, Set<MovableConnection> seen) {
    return there.get().stream().filter(seen::add).toList();
  }

  /** Each worker takes the next connection until there is none: one slow move holds up no other. */
  private void runBatch(String rnic, List<MovableConnection> batch) {
    AtomicInteger next = new AtomicInteger();
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < Math.min(policy.movesAtOnce(), batch.size()); i++) {
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                for (int at = next.getAndIncrement();
                    at < batch.size();
                    at = next.getAndIncrement()) {
                  move(rnic, batch.get(at));
                }
              },
              null);
      tasks.add(task);
      workers.execute(task);
    }
    tasks.forEach(Evacuation::join);
  }

  /** A batch is carried to its end: half of it would be no better. */
  private static void join(FutureTask<Void> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          task.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("a failover's worker failed", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void move(String rnic, MovableConnection connection) {
    Map<String, TransferException> refusals = new LinkedHashMap<>();
    Whereabouts whereabouts = Whereabouts.OLD_OWNER;
    for (String name : policy.rnics()) {
      if (name.equals(rnic) || whereabouts != Whereabouts.OLD_OWNER) {
        continue;
      }
      if (connection.end().isPresent()) {
        countEnded();
        return;
      }
      Candidate candidate = candidate(name);
      OpenRnic to = candidate.rnic();
      if (to == null) {
        refusals.put(name, java.util.Objects.requireNonNull(candidate.refusal()));
        continue;
      }
      try {
        countMoved(name, mover.move(connection, to, policy.pauseLimit()));
        return;
      } catch (TransferException e) {
        refusals.put(name, e);
        whereabouts = e.whereabouts();
      } catch (RuntimeException e) {
        refusals.put(name, defect(e));
      }
    }
    if (whereabouts == Whereabouts.OLD_OWNER && connection.end().isPresent()) {
      countEnded();
    } else {
      countUnmoved(new FailoverReport.Unmoved(connection, whereabouts, refusals));
    }
  }

  private static TransferException defect(RuntimeException e) {
    return new TransferException(
        TransferStep.EXCLUDE, Whereabouts.OLD_OWNER, "an RNIC failed to refuse: " + e, e);
  }

  /** Asked for once in a failover: an RNIC that does not come up would be tried for each. */
  private Candidate candidate(String name) {
    synchronized (candidates) {
      Candidate known = candidates.get(name);
      if (known == null) {
        try {
          known = new Candidate(rnics.open(name), null);
        } catch (TransferException e) {
          known = new Candidate(null, e);
        }
        candidates.put(name, known);
      }
      return known;
    }
  }

  private synchronized void countMoved(String to, long pauseNanos) {
    movedTo.merge(to, 1, Integer::sum);
    pauses.add(pauseNanos);
  }

  private synchronized void countEnded() {
    ended++;
  }

  private synchronized void countUnmoved(FailoverReport.Unmoved one) {
    unmoved.add(one);
  }

  private synchronized FailoverReport report(String rnic, String cause, long nanos) {
    long[] each = pauses.stream().mapToLong(Long::longValue).toArray();
    return new FailoverReport(
        rnic, cause, movedTo, ended, unmoved, FailoverReport.Pauses.of(each), nanos);
  }

  private void tellProgress(String rnic, int left) {
    int moved;
    int failed;
    synchronized (this) {
      moved = pauses.size();
      failed = unmoved.size();
    }
    tell(listener -> listener.progress(rnic, moved, failed, left));
  }

  private void tell(Consumer<FailoverListener> what) {
    try {
      what.accept(policy.listener());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a failover's listener threw", e);
    }
  }
}
