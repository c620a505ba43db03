package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.spi.RegionMemory;
import dev.offramp.spi.RnicArrival;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection at the driver, its peer, and the application that uses it: the kit. Every call of
 * the driver is in the trace.
 */
public final class Conversation {
  /** Enough for whatever a driver delays. */
  public static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Bench bench;
  private final IwarpConnectionDescriptor descriptor;
  private final Peer peer;
  private final RnicArrival arrival;
  private final RdmaConnection prepared;
  private final List<Completion> completions = new ArrayList<>();
  private @Nullable RdmaConnection connection;
  private long nextId = 1000;

  private Conversation(
      Bench bench, IwarpConnectionDescriptor descriptor, Peer peer, RnicArrival arrival)
      throws Exception {
    this.bench = bench;
    this.descriptor = descriptor;
    this.peer = peer;
    this.arrival = arrival;
    this.prepared = bench.call("prepared", arrival::prepared);
  }

  /** Lets a connection arrive; silent so far. */
  public static Conversation arrive(Bench bench, IwarpConnectionDescriptor descriptor)
      throws Exception {
    return arrive(bench, descriptor, () -> bench.rnic().arrive(descriptor));
  }

  /** The same for a stream in RDMA mode, whose regions have memory. */
  public static Conversation arrive(
      Bench bench, IwarpConnectionDescriptor descriptor, RegionMemory memory) throws Exception {
    return arrive(bench, descriptor, () -> bench.rnic().arrive(descriptor, memory));
  }

  private static Conversation arrive(
      Bench bench, IwarpConnectionDescriptor descriptor, Callable<RnicArrival> arriving)
      throws Exception {
    Wire wire = bench.wire(descriptor);
    boolean copies =
        bench.call("capabilities", () -> bench.rnic().capabilities().copiesBadSegments());
    Peer peer = new Peer(wire, descriptor, copies);
    RnicArrival arrival = bench.call("arrive", arriving);
    return new Conversation(bench, descriptor, peer, arrival);
  }

  public Bench bench() {
    return bench;
  }

  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  public Peer peer() {
    return peer;
  }

  public RnicArrival arrival() {
    return arrival;
  }

  /** The connection, before or after its activation. */
  public RdmaConnection connection() {
    RdmaConnection active = connection;
    return active == null ? prepared : active;
  }

  /** Lets it speak. */
  public Conversation activate() throws Exception {
    connection = bench.call("activate", arrival::activate);
    return settle();
  }

  /** Lets everybody do what there is to do. */
  public Conversation settle() {
    bench.conductor().settle(SETTLE_NANOS);
    return this;
  }

  /** Settles, and takes the completions that there are. */
  public Conversation run() throws Exception {
    settle();
    take();
    settle();
    take();
    return this;
  }

  private void take() throws Exception {
    while (true) {
      Optional<Completion> next = bench.call("poll", () -> connection().completions().poll());
      if (next.isEmpty()) {
        return;
      }
      completions.add(next.get());
    }
  }

  /** Completions so far. */
  public List<Completion> completions() {
    return completions;
  }

  /** The completion of a request, when there is exactly one. */
  public Optional<Completion> completionOf(long id) {
    List<Completion> all = completions.stream().filter(c -> c.id() == id).toList();
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }

  public MemoryRegion allocate(long bytes, Access... access) throws Exception {
    return bench.call("allocate", () -> connection().allocate(bytes, access));
  }

  /** Closes a region, which may wait until nothing uses it any more. */
  public void close(MemoryRegion region) throws Exception {
    bench.call(
        "region.close",
        () -> {
          region.close();
          return null;
        });
  }

  public void post(WorkRequest request) throws Exception {
    bench.call(
        "post " + request.operation(),
        () -> {
          connection().post(request);
          return null;
        });
  }

  /** Posts a Receive of a whole region; returns its id. */
  public long receive(MemoryRegion region) throws Exception {
    long id = nextId++;
    post(new Receive(id, region.whole()));
    return id;
  }

  /** Posts a Send of these octets; returns its id. */
  public long send(byte[] payload) throws Exception {
    MemoryRegion region = allocate(Math.max(1, payload.length));
    MemorySegment.copy(payload, 0, region.segment(), ValueLayout.JAVA_BYTE, 0, payload.length);
    long id = nextId++;
    post(new Send(id, region.slice(0, payload.length)));
    return id;
  }

  /** A number for the next request. */
  public long newId() {
    return nextId++;
  }

  /** How the stream ended, as the connection says. */
  public Optional<StreamEnd> end() throws Exception {
    return bench.call("end", () -> connection().end());
  }

  public void abort() throws Exception {
    bench.call(
        "abort",
        () -> {
          connection().abort();
          return null;
        });
    settle();
  }

  /** Ends in order: the peer closes its own direction when it sees the FIN. */
  public void finish() throws Exception {
    peer.wire().peerFinishes();
    bench.call(
        "connection.close",
        () -> {
          connection().close();
          return null;
        });
    settle();
  }

  /** The octets of a region. */
  public static byte[] octets(MemoryRegion region) {
    return region.segment().toArray(ValueLayout.JAVA_BYTE);
  }

  /** Fills a region. */
  public static void fill(MemoryRegion region, byte[] octets) {
    MemorySegment.copy(octets, 0, region.segment(), ValueLayout.JAVA_BYTE, 0, octets.length);
  }
}
