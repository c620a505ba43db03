package dev.offramp.runtime;

import dev.offramp.api.failover.Failover;
import dev.offramp.api.failover.FailoverPolicy;
import dev.offramp.api.failover.FailoverReport;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.runtime.move.ConnectionMover;
import dev.offramp.runtime.move.Evacuation;
import dev.offramp.runtime.move.MovableConnection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The failover policies in force, and the RNICs that are being left. Safe for any thread. */
final class Failovers {
  private static final System.Logger LOG = System.getLogger("dev.offramp.failover");

  private final ConnectionMover mover;
  private final Evacuation.Rnics rnics;
  private final Function<String, List<MovableConnection>> connections;
  private final List<Active> active = new CopyOnWriteArrayList<>();

  /** Those that take no new connections. */
  private final Set<String> left = ConcurrentHashMap.newKeySet();

  /** Those whose connections are being moved at this moment. */
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();

  /**
   * No policy yet.
   *
   * @param connections those that live at the RNIC of a name
   */
  Failovers(
      ConnectionMover mover,
      Evacuation.Rnics rnics,
      Function<String, List<MovableConnection>> connections) {
    this.mover = mover;
    this.rnics = rnics;
    this.connections = connections;
  }

  Failover open(FailoverPolicy policy) {
    Active opened = new Active(policy);
    active.add(opened);
    return opened;
  }

  /**
   * Refuses an RNIC that is being left.
   *
   * @throws TransferException the refusal
   */
  void requireNotLeft(String rnic) throws TransferException {
    if (left.contains(rnic)) {
      throw refused(rnic + ", which is out of service", "readmit it, or choose another RNIC");
    }
  }

  /** The device says so; returns at once. */
  void failing(String rnic, String reason) {
    LOG.log(System.Logger.Level.WARNING, "RNIC [{0}] fails: {1}", rnic, reason);
    for (Active each : active) {
      each.moveSoon(rnic, reason);
    }
  }

  /** A connection has come that was under way when its RNIC began to be left. */
  void arrived(String rnic) {
    if (left.contains(rnic)) {
      for (Active each : active) {
        each.moveSoon(rnic, "a connection that came while it was being left");
      }
    }
  }

  private static TransferException refused(String seen, String remedy) {
    return TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(RefusalReason.NO_OWNER, "[" + seen + "]", "an RNIC in service", remedy)));
  }

  /** One policy in force. */
  private final class Active implements Failover {
    private final FailoverPolicy policy;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor device;

    /** Failovers under way, and whether this is closed; under this object's lock. */
    private int running;

    private boolean closed;

    Active(FailoverPolicy policy) {
      this.policy = policy;
      this.workers = pool(policy.movesAtOnce(), "offramp-failover-move");
      this.device = pool(1, "offramp-failover");
    }

    /** Started now: a thread stays in the network namespace of whoever started it. */
    private static ThreadPoolExecutor pool(int threads, String name) {
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              threads,
              threads,
              0,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              Thread.ofPlatform().daemon(true).name(name + "-", 1).factory());
      pool.prestartAllCoreThreads();
      return pool;
    }

    @Override
    public FailoverReport drain(String rnic) throws TransferException {
      if (!begin()) {
        throw refused(rnic + ", by a failover that is closed", "open another one");
      }
      try {
        return leave(rnic, "drained");
      } finally {
        end();
      }
    }

    void moveSoon(String rnic, String reason) {
      if (!begin()) {
        return;
      }
      device.execute(() -> {
        try {
          leave(rnic, reason);
        } catch (TransferException e) {
          LOG.log(System.Logger.Level.DEBUG, "another failover moves its connections", e);
        } catch (RuntimeException e) {
          LOG.log(System.Logger.Level.ERROR, "connections of [" + rnic + "] were not moved", e);
        } finally {
          end();
        }
      });
    }

    private FailoverReport leave(String rnic, String cause) throws TransferException {
      if (!underWay.add(rnic)) {
        throw refused(rnic + ", which is being left already", "wait until that is over");
      }
      try {
        left.add(rnic);
        return new Evacuation(policy, mover, rnics, workers)
            .run(rnic, cause, () -> connections.apply(rnic));
      } finally {
        underWay.remove(rnic);
      }
    }

    @Override
    public void readmit(String rnic) {
      left.remove(rnic);
    }

    private synchronized boolean begin() {
      if (!closed) {
        running++;
      }
      return !closed;
    }

    private synchronized void end() {
      running--;
      stopWhenOver();
    }

    @Override
    public synchronized void close() {
      active.remove(this);
      closed = true;
      stopWhenOver();
    }

    private void stopWhenOver() {
      if (closed && running == 0) {
        workers.shutdown();
        device.shutdown();
      }
    }
  }

  /** Closes all that are in force. */
  void close() {
    active.forEach(Active::close);
  }
}
