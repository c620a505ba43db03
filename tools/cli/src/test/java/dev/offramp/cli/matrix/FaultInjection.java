package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.cli.matrix.Fault.Kind;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.Topology;
import dev.offramp.models.NthFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Has one fault happen during one move, and takes it away afterwards. */
final class FaultInjection {
  /** Longer than the pause limit. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final String OTHER_MAC = "02:4f:46:00:77:99";

  /** The move has not come to where the fault is. */
  static final class NeverHappened extends AssertionError {
    private static final long serialVersionUID = 1;

    NeverHappened(@Nullable Throwable why) {
      super("it never happened: " + why, why);
    }
  }

  private final @Nullable Fault fault;
  private final AtomicBoolean happened = new AtomicBoolean();
  private @Nullable FaultRig rig;
  private @Nullable NthFault deviceFault;
  private @Nullable Throwable why;

  private FaultInjection(@Nullable Fault fault) {
    this.fault = fault;
  }

  static FaultInjection of(Fault fault) {
    return new FaultInjection(fault);
  }

  /** Nothing goes wrong. */
  static FaultInjection none() {
    return new FaultInjection(null);
  }

  @Nullable Kind kind() {
    return fault == null ? null : fault.kind();
  }

  /** From here on it may happen. */
  void arm(FaultRig to, RdmaConnection peer) {
    rig = to;
    Fault what = fault;
    if (what == null) {
      to.atMove();
      return;
    }
    if (what.kind().isAfterStep()) {
      to.onStep(step -> {
        if (step.name().toLowerCase(Locale.ROOT).equals(what.where())
            && happened.compareAndSet(false, true)) {
          happen(what.kind(), peer);
        }
      });
    } else if (what.kind() == Kind.OWNER_BREAKS) {
      to.breaker().arm(what.call());
    } else {
      NthFault breaking = FaultPlaces.of(what);
      deviceFault = breaking;
      if (what.later()) {
        // By then the old owner has only to let go, and the new one to begin.
        to.onStep(step -> {
          if (step == TransferStep.PREPARE) {
            to.devices().breaking(what.device()).to(breaking);
          }
        });
      } else {
        to.devices().breaking(what.device()).to(breaking);
      }
    }
  }

  /** It has ended. */
  void disarm() {
    FaultRig armed = Objects.requireNonNull(rig);
    armed.onStep(step -> {});
    if (isLoss() && happened.get()) {
      lose(Objects.requireNonNull(kind()), false);
    }
    if (kind() == Kind.OWNER_BREAKS) {
      happened.set(armed.breaker().isDone());
    }
    NthFault device = deviceFault;
    if (device != null) {
      happened.set(device.hasHappened());
    }
    armed.breaker().arm(null);
    armed.devices().work();
  }

  private boolean isLoss() {
    return kind() == Kind.FROM_PEER_LOST || kind() == Kind.TO_PEER_LOST;
  }

  /** What the mover said. */
  void because(Throwable failure) {
    why = failure;
  }

  void requireHappened() {
    if (fault != null && !happened.get()) {
      throw new NeverHappened(why);
    }
  }

  /** Whether the peer ends the connection. */
  boolean endsTheConnection() {
    return kind() == Kind.RST_BY_PEER || kind() == Kind.FIN_BY_PEER;
  }

  /**
   * Whether there may be no way but the end: an owner's device has failed, and the connection is
   * with that owner. One that is still at its old owner does not end because the new one fails, and
   * one that has moved does not because the old one does.
   */
  boolean mayEndTheConnection(String outcome) {
    FaultRig armed = Objects.requireNonNull(rig);
    Fault what = fault;
    if (what == null || what.kind() != Kind.DEVICE_FAILS) {
      return false;
    }
    return what.device().equals(outcome.startsWith("moved") ? armed.target() : armed.source());
  }

  private void happen(Kind kind, RdmaConnection peer) {
    switch (kind) {
      case RST_BY_PEER -> peer.abort();
      case FIN_BY_PEER ->
          Thread.ofPlatform().name("offramp-faults").daemon(true).start(() -> disconnect(peer));
      case PAUSE_TOO_LONG -> {
        for (long end = System.nanoTime() + PAUSE.toNanos(); System.nanoTime() < end; ) {
          Thread.onSpinWait();
        }
      }
      case FROM_PEER_LOST, TO_PEER_LOST -> lose(kind, true);
      case OWNER_BREAKS, DEVICE_FAILS -> throw new IllegalArgumentException(kind.name());
    }
  }

  private static void disconnect(RdmaConnection peer) {
    try {
      peer.disconnect();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Nothing that the peer sends goes out, or nothing that is sent to it is taken, until the move is
   * over. Frames for another Ethernet address are dropped without a word.
   */
  private void lose(Kind kind, boolean begins) {
    MatrixWorld world = Objects.requireNonNull(rig).world();
    Topology.Node peer = world.peer();
    Topology.Node host = world.host();
    String address = host.ipv4().getHostAddress();
    List<String> lines =
        kind == Kind.FROM_PEER_LOST
            ? List.of("route %s blackhole %s/32".formatted(begins ? "add" : "del", address))
            : List.of(
                "link set %s address %s"
                    .formatted(peer.interfaceName(), begins ? OTHER_MAC : peer.mac()),
                "neigh replace %s lladdr %s dev %s nud permanent"
                    .formatted(address, host.mac(), peer.interfaceName()));
    try {
      CommandLine.in(peer.namespace()).ipBatch(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
