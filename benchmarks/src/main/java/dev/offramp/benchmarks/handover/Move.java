package dev.offramp.benchmarks.handover;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.benchmarks.Samples;
import dev.offramp.linux.ChannelUsers;
import dev.offramp.linux.Drain;
import dev.offramp.linux.GatedChannel;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.netlink.NetlinkPathFacts;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Moves a connection out of a stack and back in, and times the phases. */
final class Move {
  /** As the runtime wires it: with routes and neighbours looked up. */
  private final HostStack stack;

  private final Way way;
  private final Map<TransferStep, Samples> steps = new EnumMap<>(TransferStep.class);
  private final Map<String, Samples> phases = new LinkedHashMap<>();
  private final long[] queueBytes = new long[3];
  private long freezeStart;
  private boolean measuring;

  /** How a departure knows that nobody else uses the connection. */
  enum Way {
    /** It was behind a gate, put up before. */
    GATED,
    /** The caller says so. */
    ASSERTED,
    /** It looks at every thread and descriptor of the process. */
    LOOKED
  }

  Move(LibC libc, Way way) {
    this.way = way;
    stack =
        HostStack.create(
            libc,
            HostOptions.defaults()
                .withPathFacts(new NetlinkPathFacts(libc))
                .withListener(this::step));
  }

  HostStack stack() {
    return stack;
  }

  private void step(TransferStep step, String owner, long startNanos, long endNanos) {
    if (step == TransferStep.FREEZE) {
      freezeStart = startNanos;
    }
    if (measuring) {
      steps.computeIfAbsent(step, any -> new Samples()).add((endNanos - startNanos) / 1e3);
    }
  }

  void measure(boolean on) {
    measuring = on;
  }

  /** Out, and in again. */
  void move(Connection connection, Boundary boundary) throws IOException {
    move(connection, ChannelUsers.excludedByCaller(), boundary);
  }

  private Departure depart(SocketChannel channel, @Nullable GatedChannel gate, ChannelUsers users)
      throws IOException {
    if (gate != null) {
      return stack.depart(gate);
    }
    return way == Way.LOOKED ? stack.depart(channel) : stack.depart(channel, Drain.NONE, users);
  }

  private @Nullable GatedChannel gate(SocketChannel channel) throws IOException {
    return way == Way.GATED ? stack.gate(channel) : null;
  }

  /** Out, and in again, with what was found out about the users of all connections. */
  void move(Connection connection, ChannelUsers users, Boundary boundary) throws IOException {
    GatedChannel gate = gate(connection.moving());
    boundary.at("start");
    long start = System.nanoTime();
    Departure departure = depart(connection.moving(), gate, users);
    long departed = System.nanoTime();
    boundary.at("depart");
    IwarpConnectionDescriptor descriptor = departure.descriptor();
    long beforeRelease = System.nanoTime();
    departure.release();
    long released = System.nanoTime();
    boundary.at("release");
    long beforeArrive = System.nanoTime();
    Arrival<SocketChannel> arrival = stack.arrive(descriptor);
    long arrived = System.nanoTime();
    boundary.at("arrive");
    long beforeActivate = System.nanoTime();
    SocketChannel channel = arrival.activate();
    long activated = System.nanoTime();
    boundary.at("activate");
    connection.moved(channel);
    if (measuring) {
      phase("depart", departed - start);
      phase("release", released - beforeRelease);
      phase("arrive", arrived - beforeArrive);
      phase("activate", activated - beforeActivate);
      phase("total", activated - start);
      phase("admission", freezeStart - start);
      phase("silent", activated - freezeStart);
      queueBytes[0] = length(descriptor.get(DescriptorFields.UNREAD).orElse(Octets.empty()));
      queueBytes[1] =
          length(descriptor.get(DescriptorFields.UNACKNOWLEDGED).orElse(Octets.empty()));
      queueBytes[2] = length(descriptor.get(DescriptorFields.UNSENT).orElse(Octets.empty()));
    }
  }

  /** Stopped, described, and let go on. */
  void departAndResume(Connection connection, Boundary boundary) throws IOException {
    GatedChannel gate = gate(connection.moving());
    boundary.at("start");
    long start = System.nanoTime();
    Departure departure = depart(connection.moving(), gate, ChannelUsers.excludedByCaller());
    departure.resume();
    long end = System.nanoTime();
    connection.moving().configureBlocking(true); // a gate leaves it non-blocking
    boundary.at("depart+resume");
    if (measuring) {
      phase("depart+resume", end - start);
    }
  }

  private void phase(String name, long nanos) {
    phases.computeIfAbsent(name, any -> new Samples()).add(nanos / 1e3);
  }

  private static long length(Octets octets) {
    return octets.length();
  }

  Samples phase(String name) {
    return phases.getOrDefault(name, new Samples());
  }

  Map<String, Object> summary() {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> micros = new LinkedHashMap<>();
    phases.forEach((name, samples) -> micros.put(name, samples.summary()));
    all.put("phaseMicros", micros);
    Map<String, Object> inner = new LinkedHashMap<>();
    steps.forEach((step, samples) -> inner.put(step.name(), samples.summary()));
    all.put("stepMicros", inner);
    all.put("unreadBytes", queueBytes[0]);
    all.put("unacknowledgedBytes", queueBytes[1]);
    all.put("unsentBytes", queueBytes[2]);
    return all;
  }

  long[] queueBytes() {
    return queueBytes;
  }

  /** Told when a phase is over; outside of what is timed. */
  @FunctionalInterface
  interface Boundary {
    Boundary NONE = phase -> {};

    void at(String phase) throws IOException;
  }
}
