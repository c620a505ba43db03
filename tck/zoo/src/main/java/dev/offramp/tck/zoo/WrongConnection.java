package dev.offramp.tck.zoo;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/** An honest connection behind a wrong face. */
class WrongConnection implements RdmaConnection {
  private final RdmaConnection inner;
  private final Defect defect;
  private final Queue<Completion> ready = new ArrayDeque<>();

  WrongConnection(RdmaConnection inner, Defect defect) {
    this.inner = inner;
    this.defect = defect;
  }

  RdmaConnection inner() {
    return inner;
  }

  /** Tells of something that is not so. */
  void completed(Completion completion) {
    ready.add(completion);
  }

  @Override
  public InetSocketAddress localAddress() {
    return defect.address(inner.localAddress());
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return defect.address(inner.remoteAddress());
  }

  @Override
  public String ownerName() {
    return inner.ownerName();
  }

  @Override
  public MpaResult mpa() {
    return defect.mpa(inner.mpa());
  }

  @Override
  public Set<Operation> operations() {
    return inner.operations();
  }

  @Override
  public MemoryRegion register(MemorySegment segment, Access... access) {
    return defect.region(inner.register(segment, access));
  }

  @Override
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    return defect.region(inner.allocate(sizeBytes, access));
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    inner.post(request);
  }

  @Override
  public RdmaCounters counters() {
    return inner.counters();
  }

  @Override
  public Optional<StreamEnd> end() {
    return inner.end().map(defect::end);
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    return defect.end(inner.disconnect());
  }

  @Override
  public void abort() {
    inner.abort();
  }

  @Override
  public void close() {
    inner.close();
  }

  @Override
  public CompletionQueue completions() {
    CompletionQueue queue = inner.completions();
    return new CompletionQueue() {
      @Override
      public Optional<Completion> poll() {
        List<Completion> news = new ArrayList<>();
        for (Optional<Completion> next = queue.poll(); next.isPresent(); next = queue.poll()) {
          news.addAll(defect.completions(next.get()));
        }
        ready.addAll(defect.batch(news));
        return Optional.ofNullable(ready.poll());
      }

      @Override
      public int poll(CompletionHandler handler, int max) {
        return queue.poll(handler, max);
      }

      @Override
      public Completion take() throws InterruptedException, ConnectionClosedException {
        while (ready.isEmpty()) {
          ready.addAll(defect.completions(queue.take()));
        }
        return ready.remove();
      }

      @Override
      public int take(CompletionHandler handler, int max)
          throws InterruptedException, ConnectionClosedException {
        return queue.take(handler, max);
      }

      @Override
      public Optional<Completion> poll(Duration timeout)
          throws InterruptedException, ConnectionClosedException {
        Optional<Completion> known = poll();
        return known.isPresent() ? known : queue.poll(timeout);
      }
    };
  }
}
