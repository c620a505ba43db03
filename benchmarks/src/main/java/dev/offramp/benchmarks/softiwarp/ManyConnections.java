package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.benchmarks.suite.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** This end of many connections; one thread drives them all. */
final class ManyConnections implements AutoCloseable {
  static final int WRITE_BYTES = 64 << 10;

  /** Writes that one Read confirms: it cannot overtake them (RFC 5040, section 5.5). */
  private static final int BURST_WRITES = 2;

  private static final long BURST_BYTES = (long) BURST_WRITES * WRITE_BYTES;
  private static final int CONFIRM_BYTES = 8;
  private static final int POLL = 32;

  private final Process peer;
  private final PrintStream commands;
  private final BufferedReader answers;
  private final List<String> addresses;
  private final int[] ports;
  private final OfframpOwner owner;
  private final List<SocketChannel> plain = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();
  private final MemorySegment source = Arena.global().allocate(ManyPeer.SHARED_BYTES, 4096);
  private final MemorySegment scratch = Arena.global().allocate(64, 64);
  private int confirmed;
  private final CompletionHandler handler = this::completed;

  ManyConnections() throws IOException {
    this(List.of(), ManyPeer.LOOPBACKS, OfframpOwner.ofMany());
  }

  /**
   * Connections to a peer elsewhere.
   *
   * @param launcher what starts the peer's process there; nothing for here
   * @param addresses where the peer listens
   * @param owner theirs; closed with this
   */
  ManyConnections(List<String> launcher, List<String> addresses, OfframpOwner owner)
      throws IOException {
    this.addresses = addresses;
    this.ports = new int[addresses.size()];
    this.owner = owner;
    List<String> command = new ArrayList<>(launcher);
    command.addAll(ChildJvm.command(ManyPeer.class.getName(), addresses, List.of()));
    peer = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    commands = new PrintStream(peer.getOutputStream(), true, StandardCharsets.US_ASCII);
    answers =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII));
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Integer.parseInt(answer());
    }
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the peer's process has ended; its errors are above");
    }
    return line;
  }

  int count() {
    return connections.size();
  }

  /** Opens plain connections until there are so many; a byte has gone both ways on each. */
  void openPlain(int total) throws IOException {
    int more = total - plain.size();
    commands.println(ManyPeer.OPEN_PLAIN + " " + more);
    ByteBuffer one = ByteBuffer.allocate(1);
    for (int i = 0; i < more; i++) {
      SocketChannel tcp = connect(i);
      tcp.write(one.clear());
      tcp.read(one.clear());
      plain.add(tcp);
    }
    answer();
  }

  void closePlain() throws IOException {
    for (SocketChannel tcp : plain) {
      tcp.close();
    }
    commands.println(ManyPeer.CLOSE_PLAIN + " " + plain.size());
    plain.clear();
    answer();
  }

  /** Opens RDMA connections until there are so many; a Send has gone both ways on each. */
  void open(int total) throws IOException, InterruptedException {
    int more = total - connections.size();
    commands.println(ManyPeer.OPEN_RDMA + " " + more);
    for (int i = 0; i < more; i++) {
      connections.add(offload(connect(i)));
    }
    answer();
  }

  private SocketChannel connect(int index) throws IOException {
    int address = index % addresses.size();
    SocketChannel tcp =
        SocketChannel.open(new InetSocketAddress(addresses.get(address), ports[address]));
    tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return tcp;
  }

  private Connection offload(SocketChannel tcp) throws IOException, InterruptedException {
    MemoryRegion[] greeting = new MemoryRegion[1];
    RdmaConnection rdma =
        owner.offload(
            tcp,
            MpaRole.INITIATOR,
            true,
            connection -> {
              greeting[0] = connection.register(scratch);
              connection.post(new Receive(1, greeting[0].slice(0, ManyPeer.GREETING_BYTES)));
            });
    rdma.post(new Send(0, List.of(), false, OptionalInt.empty()));
    for (int i = 0; i < 2; i++) {
      Completion completion = rdma.completions().take();
      if (!completion.isSuccess()) {
        throw new IOException("seen " + completion + ", expected success");
      }
    }
    RemoteBuffer remote =
        new RemoteBuffer(
            scratch.get(ValueLayout.JAVA_INT, 0),
            scratch.get(ValueLayout.JAVA_LONG_UNALIGNED, Integer.BYTES),
            ManyPeer.SHARED_BYTES);
    greeting[0].close();
    return new Connection(rdma, rdma.register(source, Access.REMOTE_WRITE), remote);
  }

  /** One burst on each, confirmed: every connection works. */
  void burstOnEach() throws IOException {
    ArrayDeque<Connection> active = new ArrayDeque<>();
    for (Connection connection : connections) {
      start(connection, active);
      while (!active.isEmpty()) {
        if (collect(active) == 0) {
          giveWay();
        }
      }
    }
  }

  /**
   * Bursts on the first {@code count} connections in turns, for some time; returns GB/s of bytes
   * that were confirmed to have arrived in that time.
   *
   * @param inFlight bursts in flight on all of them together
   */
  double goodput(int count, int inFlight, long nanos) throws IOException {
    ArrayDeque<Connection> active = new ArrayDeque<>();
    int depth = Math.ceilDiv(inFlight, count);
    int turn = 0;
    for (int i = 0; i < inFlight; i++) {
      Connection next = connections.get(turn);
      turn = turn + 1 == count ? 0 : turn + 1;
      start(next, active);
    }
    long begin = System.nanoTime();
    long bursts = 0;
    long elapsed = 0;
    while (elapsed < nanos) {
      boolean progress = false;
      for (int i = active.size(); i > 0; i--) {
        int done = collect(active);
        progress |= done > 0;
        bursts += done;
        for (; done > 0; done--) {
          while (connections.get(turn).outstanding >= depth) {
            turn = turn + 1 == count ? 0 : turn + 1;
          }
          start(connections.get(turn), active);
          turn = turn + 1 == count ? 0 : turn + 1;
        }
      }
      elapsed = System.nanoTime() - begin;
      if (!progress) {
        giveWay();
      }
    }
    while (!active.isEmpty()) {
      if (collect(active) == 0) {
        giveWay();
      }
    }
    return (double) bursts * BURST_BYTES / elapsed;
  }

  /** No call waits for many connections, and a caller that only polls starves the event loops. */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void giveWay() {
    Thread.yield();
  }

  private static void start(Connection connection, ArrayDeque<Connection> active)
      throws IOException {
    if (connection.outstanding == 0) {
      active.add(connection);
    }
    connection.burst();
  }

  /** Takes what the first of the queue has done, and puts it last while it has more to do. */
  private int collect(ArrayDeque<Connection> active) {
    Connection connection = active.remove();
    confirmed = 0;
    connection.rdma.completions().poll(handler, POLL);
    connection.outstanding -= confirmed;
    if (connection.outstanding > 0) {
      active.add(connection);
    }
    return confirmed;
  }

  private void completed(
      long id,
      Operation operation,
      CompletionStatus status,
      long bytes,
      CompletionHandler.CompletionDetail detail) {
    if (status != CompletionStatus.SUCCESS) {
      throw new IllegalStateException(operation + " completed with " + status);
    }
    confirmed += operation == Operation.READ ? 1 : 0;
  }

  /** One of them. All share one source and one target. */
  private static final class Connection {
    private final RdmaConnection rdma;
    private final MemoryRegion local;
    private final RemoteBuffer remote;

    /** Bursts that are not confirmed. */
    private int outstanding;

    private int slot;

    Connection(RdmaConnection rdma, MemoryRegion local, RemoteBuffer remote) {
      this.rdma = rdma;
      this.local = local;
      this.remote = remote;
    }

    void burst() throws IOException {
      for (int i = 0; i < BURST_WRITES; i++) {
        long offset = (long) slot * WRITE_BYTES;
        slot = slot + 1 == Ring.SLOTS ? 0 : slot + 1;
        post(new Write(0, local.slice(offset, WRITE_BYTES), remote.slice(offset, WRITE_BYTES)));
      }
      post(new Read(1, local.slice(0, CONFIRM_BYTES), remote.slice(0, CONFIRM_BYTES)));
      outstanding++;
    }

    private void post(WorkRequest request) throws IOException {
      rdma.post(request);
    }
  }

  @Override
  public void close() {
    for (Connection connection : connections) {
      connection.rdma.abort();
    }
    owner.close();
    commands.close();
    peer.destroyForcibly();
  }
}
