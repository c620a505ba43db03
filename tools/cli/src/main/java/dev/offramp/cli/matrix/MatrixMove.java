package dev.offramp.cli.matrix;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.cli.matrix.MatrixAttempt.Outcome;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One connection from its beginning to its end, with one attempt to move it. Whether it moves or
 * not, all of the traffic is done and compared.
 */
final class MatrixMove {
  private static final long HOST_SEED = 0x686f_7374L;
  private static final long PEER_SEED = 0x7065_6572L;

  /** The peer does not wait, so an adapter may have to look for an instant of rest for long. */
  private static final Duration DRAIN = Duration.ofSeconds(60);

  private static final int MANY = 1 << 20;

  /** A connection keeps its STags: each owner gives out some that all others have, too. */
  static final String STAG_INDEX_BITS = "12";

  static final String MAX_REGIONS = "16384";

  private final MatrixWorld world;
  private final String from;
  private final String to;
  private final MatrixTraffic traffic;
  private final long bytes;

  private Outcome outcome = Outcome.FAILED;
  private List<Refusal> refusals = List.of();
  private String failure = "";
  private String owner = "";
  private long moveMicros;
  private int inFlight;

  /**
   * A move that is to be tried.
   *
   * @param from the instance that has the connection first
   * @param to the instance that it is to move to
   * @param bytes each way by each operation
   */
  MatrixMove(MatrixWorld world, String from, String to, MatrixTraffic traffic, long bytes) {
    this.world = world;
    this.from = from;
    this.to = to;
    this.traffic = traffic;
    this.bytes = bytes;
  }

  /** Does it. */
  MatrixAttempt run(boolean ipv6) throws InterruptedException {
    boolean reads = traffic.ird() > 0;
    long all = bytes * (3 + (reads ? 3 : 2));
    long lost = all;
    int requests = MatrixEnd.CHUNKS * (4 + (reads ? 4 : 3));
    int once = 0;
    MpaOptions initiator = Mpa.initiator().readDepths(traffic.ird(), MatrixTraffic.ORD).build();
    try (MatrixWorld.Ends tcp = world.connect(ipv6)) {
      OfframpOptions options = options(tcp, initiator);
      try (Offramp hosts = Offramp.open(options);
          Offramp peers = Offramp.open();
          Task<RdmaConnection> responding =
              Task.start(() ->
                  peers.offload(
                      tcp.peer(),
                      Mpa.responder().readDepths(MatrixTraffic.ORD, traffic.ird()).build()));
          RdmaConnection host = hosts.offload(tcp.host(), initiator);
          RdmaConnection peer = responding.get()) {
        if (traffic == MatrixTraffic.BEFORE_FIRST_FPDU) {
          move(hosts, host);
        }
        MatrixEnd near = new MatrixEnd(host, bytes, true, HOST_SEED);
        MatrixEnd far = new MatrixEnd(peer, bytes, reads, PEER_SEED);
        converse(hosts, host, near, far);
        requests += far.ticks();
        all += far.tickBytes();
        once = near.completed() + far.completed() + far.ticks() - near.repeated() - far.repeated();
        owner = host.ownerName();
        // In order: each end says that nothing follows, and hears that from the other. So all that
        // was Written is there.
        Task<StreamEnd> end = Task.start(peer::disconnect);
        host.disconnect();
        end.get();
        lost = near.lostBytes(far) + far.lostBytes(near);
      }
    } catch (IOException | RuntimeException e) {
      outcome = Outcome.FAILED;
      failure =
          failure.isEmpty() ? String.valueOf(e.getMessage()) : failure + "; " + e.getMessage();
    }
    return new MatrixAttempt(
        traffic,
        outcome,
        owner,
        moveMicros,
        inFlight,
        all,
        lost,
        requests,
        once,
        refusals,
        failure);
  }

  private void converse(Offramp hosts, RdmaConnection host, MatrixEnd near, MatrixEnd far)
      throws IOException, InterruptedException {
    near.expect();
    far.expect();
    Set<Operation> before = traffic.before();
    Set<Operation> after = EnumSet.allOf(Operation.class);
    after.removeAll(before);
    switch (traffic) {
      case ALL, WRITES -> {
        near.allow(MatrixEnd.CHUNKS * before.size() / 2);
        far.allow(MANY);
        both(
            near,
            far,
            before,
            () -> {
              inFlight = near.inFlight() + far.inFlight();
              move(hosts, host);
            });
        near.allow(MANY);
      }
      case BEFORE_FIRST_FPDU -> {
        near.allow(MANY);
        far.allow(MANY);
      }
    }
    both(near, far, after, () -> {});
  }

  /**
   * Both ends do all of their chunks; {@code meanwhile} happens when each has completed something.
   * The peer does not wait for its end.
   */
  private static void both(MatrixEnd near, MatrixEnd far, Set<Operation> kinds, Runnable meanwhile)
      throws IOException, InterruptedException {
    int nearBefore = near.completed();
    int farBefore = far.completed();
    boolean sends = kinds.contains(Operation.SEND);
    AtomicBoolean moving = new AtomicBoolean(true);
    try (Task<Boolean> here = Task.start(() -> near.run(far, kinds, sends, () -> false));
        Task<Boolean> there = Task.start(() -> far.run(near, kinds, sends, moving::get))) {
      try {
        while (!here.isDone()
            && !there.isDone()
            && (near.completed() == nearBefore || far.completed() == farBefore)) {
          Thread.onSpinWait();
        }
        meanwhile.run();
      } finally {
        moving.set(false);
      }
      near.allow(MANY);
      here.get();
      there.get();
    }
  }

  private void move(Offramp hosts, RdmaConnection host) {
    long start = System.nanoTime();
    try {
      hosts.move(host, to);
      outcome = Outcome.MOVED;
    } catch (TransferException e) {
      refusals = e.refusals();
      boolean stayed = e.whereabouts() == Whereabouts.OLD_OWNER && !refusals.isEmpty();
      outcome = stayed ? Outcome.REFUSED : Outcome.FAILED;
      failure = stayed ? "" : String.valueOf(e.getMessage());
    }
    moveMicros = (System.nanoTime() - start) / 1_000;
  }

  private OfframpOptions options(MatrixWorld.Ends tcp, MpaOptions mpa) throws IOException {
    OfframpOptions.Builder options = settings(from);
    Set<FieldKey<?>> accepted = new LinkedHashSet<>();
    for (String owner : List.of(from, to)) {
      try (Offramp looking = Offramp.open(settings(owner).build())) {
        Admission admission = looking.admission(tcp.host(), mpa);
        List<Refusal> others =
            admission.refusals().stream()
                .filter(refusal -> refusal.reason() != RefusalReason.LOSS_NOT_ACCEPTED)
                .toList();
        if (!others.isEmpty()) {
          throw TransferException.refused(TransferStep.ADMIT, others);
        }
        admission.losses().stream().map(Loss::field).forEach(accepted::add);
      }
    }
    accepted.forEach(options::acceptLoss);
    return options.build();
  }

  private OfframpOptions.Builder settings(String rnic) {
    return OfframpOptions.builder()
        .rnic(rnic)
        .setting(DetachedNics.SETTING, world.nic())
        .setting("softiwarp.stag-index-bits", STAG_INDEX_BITS)
        .setting("intel.max-regions", MAX_REGIONS)
        .drainTimeout(DRAIN);
  }

  /** What another thread does. */
  private record Task<T>(FutureTask<T> future) implements AutoCloseable {
    static <T> Task<T> start(Callable<T> code) {
      FutureTask<T> future = new FutureTask<>(code);
      Thread.ofPlatform().name("offramp-matrix").daemon(true).start(future);
      return new Task<>(future);
    }

    boolean isDone() {
      return future.isDone();
    }

    T get() throws IOException, InterruptedException {
      try {
        return future.get();
      } catch (ExecutionException e) {
        throw new IOException(String.valueOf(e.getCause()), e.getCause());
      }
    }

    /** Nobody waits for it any more. */
    @Override
    public void close() {
      future.cancel(true);
    }
  }
}
