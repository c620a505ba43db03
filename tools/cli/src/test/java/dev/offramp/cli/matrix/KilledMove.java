package dev.offramp.cli.matrix;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.cli.matrix.KilledMain.Nics;
import dev.offramp.emulator.EmulatedAdapter;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.models.Faults;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.stream.DetachedNics;
import dev.offramp.spi.Device;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** One connection of the process that dies, and its move, which stands still at one moment. */
final class KilledMove {
  /** Before it is asked for, with the traffic under way. */
  static final String BEFORE = "before";

  /** When it is over, and the new owner has gone on. */
  static final String AFTER = "after";

  /** Not at all. */
  static final String NEVER = "never";

  private static final int ENOUGH = 8;
  private static final Duration DRAIN = Duration.ofSeconds(60);

  private final Nics nics;
  private final int number;
  private final MatrixOwner from;
  private final MatrixOwner to;
  private final MatrixTraffic traffic;
  private final String moment;
  private final List<String> steps = new ArrayList<>();
  private volatile boolean moving;
  private @Nullable Offramp offramp;
  private @Nullable RdmaConnection connection;
  private @Nullable KilledEnd end;

  KilledMove(
      Nics nics,
      int number,
      MatrixOwner from,
      MatrixOwner to,
      MatrixTraffic traffic,
      String moment) {
    this.nics = nics;
    this.number = number;
    this.from = from;
    this.to = to;
    this.traffic = traffic;
    this.moment = moment;
  }

  /** The first instance of a kind in its own pair, and the second one. */
  static String name(MatrixOwner owner, int number, boolean second) {
    return owner.label() + ":" + (2 * number + (second ? 3 : 2));
  }

  List<RemoteBuffer> connect(InetSocketAddress peer) throws IOException, InterruptedException {
    plug(from, name(from, number, false), to == MatrixOwner.DETACHED);
    plug(to, name(to, number, true), true);
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
    channel.connect(peer);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    MpaOptions mpa = Mpa.initiator().readDepths(traffic.ird(), MatrixTraffic.ORD).build();
    OfframpOptions.Builder options =
        OfframpOptions.builder()
            .rnic(name(from, number, false))
            .setting(DetachedNics.SETTING, KilledMain.NIC)
            .setting("journal.directory", nics.journal().toString())
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            .setting("softiwarp.stag-index-bits", "12")
            .setting("intel.max-regions", "16384")
            .drainTimeout(DRAIN)
            .listener((step, owner, startNanos, endNanos) -> step(step));
    DescriptorFields.all().forEach(options::acceptLoss);
    Offramp opened = Offramp.open(options.build());
    RdmaConnection offloaded = opened.offload(channel, mpa);
    KilledEnd own = new KilledEnd(offloaded, KilledEnd.Role.MOVING, traffic == MatrixTraffic.ALL);
    offramp = opened;
    connection = offloaded;
    end = own;
    return own.advertised();
  }

  private void plug(MatrixOwner owner, String name, boolean atHost) throws IOException {
    if (owner.chip().isEmpty()) {
      return;
    }
    SteeredNic nic = atHost ? nics.atHost() : nics.atPeer();
    NetworkNamespace where = atHost ? nics.hostSide() : nics.peerSide();
    EmulatedAdapter adapter = EmulatedAdapter.open(owner.chip().get(), nic, where, Faults.NONE);
    Device kind = adapter.device();
    Adapters.provide(
        new Device(name, kind.kind(), kind.vendorId(), kind.deviceId()), adapter.window());
  }

  void go(List<RemoteBuffer> peer) {
    KilledEnd own = java.util.Objects.requireNonNull(end);
    started("traffic", () -> KilledMain.say("ended %d %s".formatted(number, own.run(peer))));
    started("move", () -> move(own));
  }

  private void move(KilledEnd own) throws IOException, InterruptedException {
    awaitTraffic(own);
    if (moment.equals(BEFORE)) {
      stand();
    }
    moving = true;
    java.util.Objects.requireNonNull(offramp)
        .move(java.util.Objects.requireNonNull(connection), name(to, number, true));
    if (moment.equals(AFTER)) {
      awaitTraffic(own);
      stand();
    }
    if (!moment.equals(NEVER)) {
      throw new IOException("a move without " + moment + ": " + steps);
    }
    KilledMain.say("moved %d %s".formatted(number, String.join(",", steps)));
  }

  /** Until some of all that is going on has completed, from now on. */
  private void awaitTraffic(KilledEnd own) throws IOException, InterruptedException {
    List<Operation> kinds =
        traffic == MatrixTraffic.ALL
            ? List.of(Operation.WRITE, Operation.SEND, Operation.READ, Operation.RECEIVE)
            : List.of(Operation.WRITE);
    for (Operation kind : kinds) {
      own.awaitMore(kind, ENOUGH);
    }
  }

  /** Each step of a kind has a number. */
  private void step(TransferStep step) {
    if (!moving) {
      // Of the offload.
      return;
    }
    String name = step.name();
    long times = steps.stream().filter(each -> each.startsWith(name + "#")).count() + 1;
    steps.add(name + "#" + times);
    if (moment.equals(steps.getLast())) {
      stand();
    }
  }

  private void stand() {
    RdmaConnection own = java.util.Objects.requireNonNull(connection);
    FourTuple tuple = new FourTuple(own.localAddress(), own.remoteAddress());
    KilledMain.say(
        "standing %d %s %s"
            .formatted(number, nics.atPeer().state(tuple), nics.atHost().state(tuple)));
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Code {
    void run() throws Exception;
  }

  private void started(String what, Code code) {
    Thread.ofPlatform()
        .name("killed-" + what + "-" + number)
        .daemon(true)
        .start(() -> {
          try {
            code.run();
          } catch (Exception | Error e) {
            KilledMain.say("failed %d %s: %s".formatted(number, what, e));
          }
        });
  }
}
