package dev.offramp.cli.matrix;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.cli.matrix.MatrixCable.Place;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An ordered pair of owners that are up, for many connections one after the other. */
final class FaultRig implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  /** The silence of a device that is to stop answering is waited for. */
  private static final String SILENT_MILLIS = "400";

  /** No other device is silent for so long. */
  private static final String ANSWERING_MILLIS = "10000";

  /** A connection whose segments are lost cannot come to rest, and this long it tries. */
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private final MatrixWorld world;
  private final MatrixOwner from;
  private final MatrixOwner to;
  private final Set<FieldKey<?>> accepted;
  private final boolean silent;
  private final FaultDevices devices = new FaultDevices();
  private final FaultyOwners.Breaker breaker = new FaultyOwners.Breaker();
  private final Offramp hosts;
  private final Offramp peers;
  private volatile Consumer<TransferStep> steps = step -> {};
  private Runnable atMove = () -> {};

  private FaultRig(
      MatrixWorld world,
      MatrixOwner from,
      MatrixOwner to,
      Set<FieldKey<?>> accepted,
      boolean silent)
      throws IOException {
    this.world = world;
    this.from = from;
    this.to = to;
    this.accepted = Set.copyOf(accepted);
    this.silent = silent;
    boolean up = false;
    try {
      devices.plug(
          world, from, from.label(), to == MatrixOwner.DETACHED ? Place.AT_HOST : Place.AT_PEER);
      devices.plug(world, to, target(), Place.AT_HOST);
      OfframpOptions.Builder options = settings(from.label());
      accepted.forEach(options::acceptLoss);
      TransferListener listener = (step, owner, start, end) -> steps.accept(step);
      hosts = Offramp.open(options.listener(listener).build());
      peers = Offramp.open();
      up = true;
    } finally {
      if (!up) {
        devices.close();
      }
    }
  }

  /** Opens both owners. */
  static FaultRig open(MatrixWorld world, MatrixOwner from, MatrixOwner to) throws Exception {
    FaultRig bare = new FaultRig(world, from, to, Set.of(), false);
    Set<FieldKey<?>> losses;
    try (bare) {
      losses = bare.losses();
    }
    return open(world, from, to, losses, false);
  }

  private static FaultRig open(
      MatrixWorld world,
      MatrixOwner from,
      MatrixOwner to,
      Set<FieldKey<?>> accepted,
      boolean silent)
      throws Exception {
    FaultRig rig = new FaultRig(world, from, to, accepted, silent);
    try {
      // A move opens the second owner; only what is open can be broken.
      try (Pair pair = rig.connect()) {
        rig.hosts.move(pair.near(), rig.target());
      }
      FaultyOwners.wrap(rig.hosts, rig.source(), rig.breaker);
      FaultyOwners.wrap(rig.hosts, rig.target(), rig.breaker);
      return rig;
    } catch (Exception | Error e) {
      rig.close();
      throw e;
    }
  }

  /**
   * The same pair with new devices; this one must be closed.
   *
   * @param toBeSilent whether one of them is going to stop answering
   */
  FaultRig anew(boolean toBeSilent) throws Exception {
    return open(world, from, to, accepted, toBeSilent);
  }

  boolean isToBeSilent() {
    return silent;
  }

  /** What either owner would lose, and may. */
  private Set<FieldKey<?>> losses() throws IOException {
    Set<FieldKey<?>> losses = new LinkedHashSet<>();
    try (MatrixWorld.Ends tcp = world.connect(false)) {
      for (String owner : List.of(source(), target())) {
        try (Offramp looking = Offramp.open(settings(owner).build())) {
          looking.admission(tcp.host(), Mpa.initiator().build()).losses().stream()
              .map(Loss::field)
              .forEach(losses::add);
        }
      }
    }
    return losses;
  }

  private OfframpOptions.Builder settings(String rnic) {
    String timeout = silent ? SILENT_MILLIS : ANSWERING_MILLIS;
    return OfframpOptions.builder()
        .rnic(rnic)
        .setting(DetachedNics.SETTING, world.nic())
        .setting("softiwarp.first-fpdu-delay-micros", "0")
        .setting("softiwarp.stag-index-bits", MatrixMove.STAG_INDEX_BITS)
        .setting("intel.max-regions", MatrixMove.MAX_REGIONS)
        .setting("chelsio.reply-timeout-millis", timeout)
        .setting("intel.command-timeout-millis", timeout)
        .drainTimeout(DRAIN);
  }

  /** Both ends of a connection. */
  record Pair(RdmaConnection near, RdmaConnection far) implements AutoCloseable {
    @Override
    public void close() {
      FutureTask<Boolean> other =
          FaultCase.start(() -> {
            far.close();
            return true;
          });
      near.close();
      try {
        other.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
        throw new AssertionError("the peer's end cannot be closed", e);
      }
    }
  }

  Pair connect() throws Exception {
    MatrixWorld.Ends tcp = world.connect(false);
    FutureTask<RdmaConnection> far = answer(tcp.peer());
    RdmaConnection near = begin(tcp.host());
    return new Pair(near, far.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
  }

  /** The peer's end of a connection, as soon as the host has begun. */
  FutureTask<RdmaConnection> answer(SocketChannel tcp) {
    int ird = traffic().ird();
    MpaOptions responder = Mpa.responder().readDepths(MatrixTraffic.ORD, ird).build();
    return FaultCase.start(() -> peers.offload(tcp, responder));
  }

  /** The host's end, at the first owner. */
  RdmaConnection begin(SocketChannel tcp) throws IOException {
    int ird = traffic().ird();
    return hosts.offload(tcp, Mpa.initiator().readDepths(ird, MatrixTraffic.ORD).build());
  }

  Offramp hosts() {
    return hosts;
  }

  MatrixWorld world() {
    return world;
  }

  FaultyOwners.Breaker breaker() {
    return breaker;
  }

  /** The richest with which the pair moves. */
  MatrixTraffic traffic() {
    return to.takes();
  }

  FaultDevices devices() {
    return devices;
  }

  /** What is done when a move without a fault is about to begin. */
  void beforeMove(Runnable what) {
    atMove = what;
  }

  void atMove() {
    atMove.run();
  }

  /** Of a move without a fault. */
  Set<TransferStep> steps() throws Exception {
    Set<TransferStep> seen = EnumSet.noneOf(TransferStep.class);
    beforeMove(() -> onStep(seen::add));
    new FaultCase(this, FaultInjection.none()).run();
    beforeMove(() -> {});
    return seen;
  }

  /** Who is told of each step. */
  void onStep(Consumer<TransferStep> listener) {
    steps = listener;
  }

  String source() {
    return from.label();
  }

  String target() {
    return to == from ? to.second() : to.label();
  }

  @Override
  public String toString() {
    return source() + " to " + target();
  }

  /**
   * Closes what is open.
   *
   * @param last what has happened since it was opened last; null for a rig that is as it was
   * @return what drivers have left behind, or have done that they must not
   */
  List<String> dismantle(@Nullable Fault last) {
    devices.work();
    hosts.close();
    peers.close();
    boolean failed = last != null && last.kind() == Fault.Kind.DEVICE_FAILS;
    boolean silenced = last != null && last.isSilence();
    List<String> left = new ArrayList<>(devices.kept(silenced));
    left.addAll(failed ? List.of() : devices.broken());
    devices.close();
    return left;
  }

  @Override
  public void close() {
    dismantle(null);
  }
}
