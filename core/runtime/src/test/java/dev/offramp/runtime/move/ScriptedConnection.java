package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.spi.ConnectionMovedException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A connection of a {@link ScriptedRnic}: completes at once whatever is posted. */
final class ScriptedConnection implements RdmaConnection {
  final Map<Integer, MemoryRegion> regions = new ConcurrentHashMap<>();
  private final String owner;
  private final List<String> log;
  private final LinkedBlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
  private final Queue queue = new Queue();
  volatile boolean postFails;
  volatile boolean forgetsCounters;
  private volatile boolean left;
  private int nextStag = 256;

  ScriptedConnection(String owner, List<String> log) {
    this.owner = owner;
    this.log = log;
  }

  void leave() {
    left = true;
    completions.add(ScriptedRnic.done(-1)); // wakes one that waits
  }

  void complete(Completion completion) {
    completions.add(completion);
  }

  private void requireHere() {
    if (left) {
      throw new ConnectionMovedException(owner);
    }
  }

  MemoryRegion adopt(int stag, MemorySegment segment) {
    MemoryRegion region = new Plain(stag, segment);
    regions.put(stag, region);
    return region;
  }

  @Override
  public InetSocketAddress localAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return localAddress();
  }

  @Override
  public String ownerName() {
    return owner;
  }

  @Override
  public RdmaCounters counters() {
    if (forgetsCounters) {
      requireHere();
    }
    return RdmaCounters.ZERO;
  }

  @Override
  public MpaResult mpa() {
    return new MpaResult(
        MpaRole.INITIATOR, 2, true, false, false, 1, 1, 1, 1, RtrKind.NONE, Octets.empty());
  }

  @Override
  public Set<Operation> operations() {
    return Set.of();
  }

  @Override
  public synchronized MemoryRegion register(MemorySegment segment, Access... access) {
    requireHere();
    nextStag += 256;
    return adopt(nextStag, segment);
  }

  @Override
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    throw new AssertionError("memory is never the owner's");
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException {
    requireHere();
    if (postFails) {
      throw new WorkQueueFullException("send", 0);
    }
    log.add(owner + " gets " + request.operation() + " " + request.id());
    completions.add(ScriptedRnic.done(request.id()));
  }

  @Override
  public CompletionQueue completions() {
    return queue;
  }

  @Override
  public Optional<StreamEnd> end() {
    return Optional.empty();
  }

  @Override
  public StreamEnd disconnect() {
    requireHere();
    return new StreamEnd.ClosedLocally();
  }

  @Override
  public void abort() {
    requireHere();
    log.add(owner + " aborts");
  }

  @Override
  public void close() {
    requireHere();
    log.add(owner + " closes");
  }

  private final class Plain implements MemoryRegion {
    private final int stag;
    private final MemorySegment segment;

    Plain(int stag, MemorySegment segment) {
      this.stag = stag;
      this.segment = segment;
    }

    @Override
    public int stag() {
      return stag;
    }

    @Override
    public long taggedOffset() {
      return 0;
    }

    @Override
    public long sizeBytes() {
      return segment.byteSize();
    }

    @Override
    public MemorySegment segment() {
      return segment;
    }

    @Override
    public boolean isValid() {
      return !left && regions.containsKey(stag);
    }

    @Override
    public void close() {
      requireHere();
      regions.remove(stag);
      log.add(owner + " deregisters");
    }
  }

  private final class Queue implements CompletionQueue {
    @Override
    public Optional<Completion> poll() {
      requireHere();
      return Optional.ofNullable(completions.poll());
    }

    @Override
    public int poll(CompletionHandler handler, int max) {
      Optional<Completion> one = poll();
      one.ifPresent(completion -> completion.deliverTo(handler));
      return one.isPresent() ? 1 : 0;
    }

    @Override
    public Completion take() throws InterruptedException {
      requireHere();
      Completion taken = completions.take();
      requireHere();
      return taken;
    }

    @Override
    public int take(CompletionHandler handler, int max) throws InterruptedException {
      take().deliverTo(handler);
      return 1;
    }

    @Override
    public Optional<Completion> poll(Duration timeout) throws InterruptedException {
      requireHere();
      Completion taken = completions.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
      requireHere();
      return Optional.ofNullable(taken);
    }
  }
}
