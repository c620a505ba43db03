package dev.offramp.cli.matrix;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.runtime.journal.Phase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One connection whose moving end is in the process that dies; this is its peer. */
final class KilledCase implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;
  private static final String HELD = "HELD";

  private final MatrixOwner from;
  private final MatrixOwner to;
  private final int number;
  private final String moment;
  private final SocketChannel channel;
  private final RdmaConnection connection;
  private final KilledEnd end;
  private final FutureTask<StreamEnd> ended;
  private boolean guarded;

  private KilledCase(
      MatrixOwner from,
      MatrixOwner to,
      String moment,
      SocketChannel channel,
      RdmaConnection connection,
      KilledEnd end,
      FutureTask<StreamEnd> ended) {
    this.from = from;
    this.to = to;
    this.number = number(to);
    this.moment = moment;
    this.channel = channel;
    this.connection = connection;
    this.end = end;
    this.ended = ended;
  }

  /** In one process there is one connection to each owner. */
  private static int number(MatrixOwner to) {
    return List.of(MatrixOwner.values()).indexOf(to);
  }

  /** Connects the process to this one, and has both begin. */
  static KilledCase begin(
      KilledWorld world,
      KilledProcess process,
      Offramp peers,
      MatrixOwner from,
      MatrixOwner to,
      String moment)
      throws Exception {
    int number = number(to);
    MatrixTraffic traffic = to.takes();
    InetSocketAddress address = (InetSocketAddress) world.listener().getLocalAddress();
    process.order(
        "connect %d %s %s %s %s %d %s"
            .formatted(
                number,
                from.name(),
                to.name(),
                traffic.name(),
                address.getAddress().getHostAddress(),
                address.getPort(),
                moment));
    SocketChannel channel = world.listener().accept();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    MpaOptions mpa = Mpa.responder().readDepths(MatrixTraffic.ORD, traffic.ird()).build();
    FutureTask<RdmaConnection> offload = started(() -> peers.offload(channel, mpa));
    List<RemoteBuffer> theirs = KilledMain.decode(process.hear("connected %d ".formatted(number)));
    RdmaConnection connection = get(offload);
    KilledEnd end = new KilledEnd(connection, KilledEnd.Role.PEER, traffic == MatrixTraffic.ALL);
    FutureTask<StreamEnd> ended = started(() -> end.run(theirs));
    process.order("go %d %s".formatted(number, KilledMain.encode(end.advertised())));
    return new KilledCase(from, to, moment, channel, connection, end, ended);
  }

  /** Waits until the process stands where it is to be killed. */
  void stands(KilledProcess process) throws IOException, InterruptedException {
    guarded = process.hear("standing %d ".formatted(number)).contains(HELD);
  }

  /** The steps of a move that nobody stops. */
  List<String> moved(KilledProcess process) throws IOException, InterruptedException {
    return List.of(process.hear("moved %d ".formatted(number)).split(",", -1));
  }

  /** Whether a guard swallows resets until the next process opens the NIC. */
  boolean isGuarded() {
    return guarded;
  }

  /** How the peer may hear of it. */
  String rule(List<String> steps, Optional<Phase> phase) {
    return KilledRule.of(from, to, steps, moment, phase, guarded);
  }

  /** What was under way. */
  MatrixTraffic traffic() {
    return to.takes();
  }

  /** As the journal names it. */
  String oldOwner() {
    return KilledMove.name(from, number, false);
  }

  /** As the journal names it. */
  String newOwner() {
    return KilledMove.name(to, number, true);
  }

  /** From where to where. */
  String pair() {
    return "%s to %s".formatted(from.label(), to == from ? to.second() : to.label());
  }

  String moment() {
    return moment;
  }

  /** The port of the end that died. */
  int hostPort() {
    return connection.remoteAddress().getPort();
  }

  /** How this end has ended, with nothing false in its memory and each request completed once. */
  StreamEnd end() throws IOException, InterruptedException {
    StreamEnd how = get(ended);
    end.requireTrueMemory();
    return how;
  }

  @Override
  public void close() throws IOException {
    connection.abort();
    connection.close();
    channel.close();
  }

  private static <T> FutureTask<T> started(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread.ofPlatform().name("killed-peer").daemon(true).start(task);
    return task;
  }

  private static <T> T get(FutureTask<T> task) throws IOException, InterruptedException {
    try {
      return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("nothing for " + PATIENCE_SECONDS + " s", e);
    }
  }

  @Override
  public String toString() {
    return pair() + ", " + moment;
  }
}
