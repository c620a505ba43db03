package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.provider.chelsio.wire.FwRiWr;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.spi.RnicException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection at the chip. {@link StreamLife} says how it lives, {@link TakeOver} how it came. */
public final class ChelsioConnection implements RdmaConnection {
  /** What the chip does for iWARP: RFC 5040, without RFC 7306. */
  public static final Set<Operation> OPERATIONS =
      Collections.unmodifiableSet(
          EnumSet.of(
              Operation.SEND,
              Operation.RECEIVE,
              Operation.WRITE,
              Operation.READ,
              Operation.LOCAL_INVALIDATE));

  private final Adapter adapter;
  private final ConnectionPlan plan;
  private final ConnectionSettings settings;
  private final Consumer<ChelsioConnection> onReleased;
  private final Serial serial = new Serial();
  private final Traffic traffic = new Traffic();
  private final SendQueue sends;
  private final ReceiveQueue receives;
  private final CompletionRing ring;
  private final Reaper reaper;
  private final WorkPoster poster;
  private final Holdings holdings;
  private final Regions regions;
  private final Stall stall;
  private final ChelsioCompletions completions;
  private final StreamLife life;
  private final QueueRemoval removal;
  private boolean flushed;
  private boolean suspended;
  private boolean queuesGone;
  private int refused = -1;
  private volatile @Nullable FlowRequests requests;
  private volatile @Nullable MacAddress nextHopMac;

  /**
   * A connection that the chip does not know yet.
   *
   * @param onReleased told once nothing of it is on the adapter any more
   */
  ChelsioConnection(
      Adapter adapter,
      ConnectionPlan plan,
      ConnectionSettings settings,
      WorkQueues queues,
      Holdings holdings,
      Consumer<ChelsioConnection> onReleased) {
    this.adapter = adapter;
    this.plan = plan;
    this.settings = settings;
    this.onReleased = onReleased;
    this.holdings = holdings;
    Completed completed =
        new Completed(settings.sendQueueEntries() + settings.receiveQueueEntries());
    boolean readIndicates = plan.initiator() && plan.p2pType() == FwRiWr.P2P_READ;
    this.sends = queues.sendQueue(settings, completed, readIndicates ? 2 : 1);
    this.receives = queues.receiveQueue(settings, completed);
    this.ring = queues.completionRing();
    this.regions = new Regions(adapter, this, queues.domain());
    this.stall =
        new Stall(
            completed,
            adapter.context()::nanoTime,
            nanos -> adapter.context().events().stalled(this, nanos));
    Answers answers = new Answers(adapter, serial);
    this.life = new StreamLife(adapter, answers, new Work(), settings.lingerNanos());
    this.reaper =
        new Reaper(ring, sends, receives, traffic, queues.sendId(), readIndicates, new Findings());
    this.poster =
        new WorkPoster(
            this, sends, receives, regions, settings.inlineBytes(), plan.mpa().ord() > 0);
    this.completions = new ChelsioCompletions(this, completed, sends, receives, stall);
    this.removal = new QueueRemoval(adapter, serial, answers, queues, holdings, this::queuesGone);
  }

  // ---- what it is

  @Override
  public InetSocketAddress localAddress() {
    return plan.local();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return plan.remote();
  }

  @Override
  public String ownerName() {
    return adapter.context().device().name();
  }

  @Override
  public MpaResult mpa() {
    return plan.mpa();
  }

  @Override
  public Set<Operation> operations() {
    return OPERATIONS;
  }

  ConnectionPlan plan() {
    return plan;
  }

  Serial serial() {
    return serial;
  }

  StreamLife life() {
    return life;
  }

  SendQueue sends() {
    return sends;
  }

  ReceiveQueue receives() {
    return receives;
  }

  long lingerNanos() {
    return settings.lingerNanos();
  }

  long nanoTime() {
    return adapter.context().nanoTime();
  }

  // ---- memory

  @Override
  public MemoryRegion register(MemorySegment segment, Access... access) {
    EnumSet<Access> rights = rights(access);
    return enlist(regions.register(segment, rights), rights);
  }

  @Override
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    EnumSet<Access> rights = rights(access);
    return enlist(regions.allocate(sizeBytes, rights), rights);
  }

  private static EnumSet<Access> rights(Access... access) {
    EnumSet<Access> rights = EnumSet.noneOf(Access.class);
    rights.addAll(List.of(access));
    return rights;
  }

  private MemoryRegion enlist(ChelsioRegion region, EnumSet<Access> rights) {
    serial.enter();
    try {
      regions.add(region);
      adapter.context().events().registered(this, region, rights);
      return region;
    } finally {
      serial.exit();
    }
  }

  /** Revokes an STag, once no request of the send queue needs it any more. */
  void deregister(ChelsioRegion region) {
    boolean interrupted;
    serial.enter();
    try {
      if (!regions.remove(region)) {
        return;
      }
      region.invalidate();
      interrupted = awaitUnused(region);
    } finally {
      serial.exit();
    }
    try {
      region.memory().revoke();
    } catch (RnicException e) {
      throw new UncheckedIOException(e);
    } finally {
      serial.enter();
      try {
        adapter.context().events().deregistered(this, region);
        tellIfReleased();
      } finally {
        serial.exit();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** True when interrupted meanwhile. */
  private boolean awaitUnused(ChelsioRegion region) {
    boolean interrupted = false;
    while (!sends.isDone(region.lastUse()) && !flushed) {
      try {
        awaitNews(Long.MAX_VALUE, true);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  // ---- work

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    serial.enter();
    try {
      requireOpen(request);
      if (!poster.post(request)) {
        stall.refused();
        throw queueFull(request);
      }
      ring(request);
    } finally {
      serial.exit();
    }
  }

  @Override
  public int post(List<? extends WorkRequest> requests) throws ConnectionClosedException {
    serial.enter();
    try {
      int queued = 0;
      while (queued < requests.size()) {
        WorkRequest request = requests.get(queued);
        requireOpen(request);
        if (!poster.post(request)) {
          stall.refused();
          break;
        }
        queued++;
      }
      return queued;
    } finally {
      // Those before one that was refused start all the same.
      receives.ring();
      ringSends();
      serial.exit();
    }
  }

  private void requireOpen(WorkRequest request) throws ConnectionClosedException {
    StreamEnd end = life.end();
    if (end != null) {
      throw new ConnectionClosedException(end);
    }
    if (request.operation() != Operation.RECEIVE && !life.takesWork()) {
      throw new ConnectionClosedException(new StreamEnd.ClosedLocally());
    }
  }

  private void ring(WorkRequest request) {
    if (request.operation() == Operation.RECEIVE) {
      receives.ring();
    } else {
      ringSends();
    }
  }

  /** Before activation requests wait in the ring: the chip would send them ahead of the Reply. */
  private void ringSends() {
    if (life.phase() == StreamLife.Phase.RUNNING && !suspended) {
      sends.ring();
    }
  }

  private WorkQueueFullException queueFull(WorkRequest request) {
    boolean receive = request.operation() == Operation.RECEIVE;
    return new WorkQueueFullException(
        receive ? "receive" : "send",
        receive ? settings.receiveQueueEntries() : settings.sendQueueEntries());
  }

  @Override
  public CompletionQueue completions() {
    return completions;
  }

  @Override
  public RdmaCounters counters() {
    serial.enter();
    try {
      return traffic.counters(life.end(), stall.count());
    } finally {
      serial.exit();
    }
  }

  /** Takes what has completed; true when there was something. Under the lock. */
  boolean reap() {
    boolean any = reaper.reap();
    if (any) {
      life.worked();
      serial.signal();
    }
    return any;
  }

  /**
   * Waits for news; may come back without any. Under the lock.
   *
   * @param completions whether completions are news, too
   */
  void awaitNews(long nanos, boolean completions) throws InterruptedException {
    if (completions && !flushed) {
      ring.arm();
      if (reap()) {
        return;
      }
    }
    adapter.poll();
    serial.await(nanos);
    if (completions) {
      reap();
    }
  }

  // ---- the end

  @Override
  public Optional<StreamEnd> end() {
    serial.enter();
    try {
      return Optional.ofNullable(life.end());
    } finally {
      serial.exit();
    }
  }

  /** How it ended, if all that was posted has been flushed; else null. Under the lock. */
  @Nullable StreamEnd endIfFlushed() {
    return flushed ? life.end() : null;
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    serial.enter();
    try {
      reap();
      life.requestClose();
      for (StreamEnd end = life.end(); ; end = life.end()) {
        if (end != null) {
          return end;
        }
        awaitNews(Long.MAX_VALUE, true);
      }
    } finally {
      serial.exit();
    }
  }

  @Override
  public void abort() {
    serial.enter();
    try {
      life.abort();
    } finally {
      serial.exit();
    }
  }

  @Override
  public void close() {
    boolean interrupted = false;
    serial.enter();
    try {
      reap();
      life.requestClose();
      awaitQueuesGone(settings.lingerNanos());
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      serial.exit();
    }
    release(interrupted);
  }

  /** Gives up a connection that has not been activated, without a word to the peer. */
  void abandon() {
    serial.enter();
    try {
      life.abandon();
    } finally {
      serial.exit();
    }
    release(false);
  }

  /** Aborts what is left, and waits until the adapter has given all back, regions included. */
  void release(boolean interruptedBefore) {
    boolean interrupted = interruptedBefore;
    serial.enter();
    try {
      life.abort();
      // Each step that the adapter has to confirm has a limit of its own.
      while (!queuesGone) {
        try {
          awaitNews(Long.MAX_VALUE, false);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      serial.exit();
    }
    for (ChelsioRegion region : regionsLeft()) {
      closeAnyway(region);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One STag that the adapter keeps must not keep the others. */
  private void closeAnyway(ChelsioRegion region) {
    try {
      region.close();
    } catch (UncheckedIOException e) {
      adapter.context().logger().log(System.Logger.Level.WARNING, e.getMessage(), e);
    }
  }

  private void awaitQueuesGone(long nanos) throws InterruptedException {
    long start = nanoTime();
    long left = nanos;
    while (!queuesGone && left > 0) {
      awaitNews(left, life.end() == null);
      left = nanos - (nanoTime() - start);
    }
  }

  List<ChelsioRegion> regionsLeft() {
    serial.enter();
    try {
      return regions.all();
    } finally {
      serial.exit();
    }
  }

  /** The chip has given it a tid. */
  void named(FlowRequests byTid) {
    serial.enter();
    try {
      requests = byTid;
      life.named(byTid);
    } finally {
      serial.exit();
    }
  }

  /** Has the chip speak; a connection that has died meanwhile says so itself. */
  void start(Adapter adapter) throws RnicException {
    FlowRequests byTid = requests;
    if (byTid != null && end().isEmpty()) {
      TakeOver.activate(adapter, this, byTid);
    }
  }

  /** The chip speaks: what was posted before can go. */
  void activated() {
    serial.enter();
    try {
      life.activated();
      if (!flushed) {
        ring.arm();
      }
      ringSends();
    } finally {
      serial.exit();
    }
  }

  /** Holds back what is posted from now on, or lets it go. Under the lock. */
  void suspend(boolean on) {
    suspended = on;
    life.hold(on);
    ringSends();
  }

  /**
   * Frames go to another next hop from now on: a new entry of the table, then the control block
   * names it, as the offload driver of an earlier chip does it (cxgb3_offload.c {@code
   * set_l2t_ix}). Inference: no public driver of this chip changes the field of a running
   * connection.
   *
   * @throws RnicException when the adapter does not do it
   */
  public void reroute(MacAddress mac) throws RnicException {
    FlowRequests flow = requests;
    if (flow == null || life.end() != null) {
      return;
    }
    try {
      holdings.reroute(mac.value(), index -> adapter.awaitCpl(flow.set(TcbField.L2T_IX, index)));
    } catch (NoRoomException e) {
      throw new RnicException(ownerName() + ": " + e.getMessage(), e);
    }
    nextHopMac = mac;
  }

  /** Adds what has changed since the connection came. */
  IwarpConnectionDescriptor amended(IwarpConnectionDescriptor descriptor) {
    MacAddress mac = nextHopMac;
    return mac == null
        ? descriptor
        : descriptor.toBuilder()
            .present(DescriptorFields.NEXT_HOP_MAC, mac, "told while it ran")
            .build();
  }

  @Nullable FlowRequests requests() {
    return requests;
  }

  private void queuesGone() {
    queuesGone = true;
    serial.signal();
    tellIfReleased();
  }

  private void tellIfReleased() {
    if (queuesGone && regions.isEmpty()) {
      onReleased.accept(this);
    }
  }

  /** What the connection's life does to its work. */
  private final class Work implements StreamLife.Work {
    @Override
    public void reap() {
      reaper.reap();
    }

    @Override
    public boolean isIdle() {
      return sends.isIdle();
    }

    @Override
    public void refused(TerminateMessage message) {
      reaper.reap();
      int queue = message.queueNumber();
      if (queue == 0 || queue == 1) {
        refused = sends.find(queue == 1, message.messageNumber());
      }
    }

    @Override
    public void flush() {
      if (!flushed) {
        reaper.reap();
        reaper.close();
        flushed = true;
        sends.flush(refused);
        receives.flush();
        serial.signal();
      }
    }

    @Override
    public void ended(StreamEnd how) {
      adapter.context().events().ended(ChelsioConnection.this, how);
      serial.signal();
    }

    @Override
    public void gone(boolean confirmed) {
      serial.signal();
      if (confirmed || adapter.failure() != null) {
        removal.start();
      } else {
        removal.quarantine();
      }
    }
  }

  /** What completions tell besides. */
  private final class Findings implements Reaper.Findings {
    @Override
    public void invalidated(int stag) {
      regions.invalidated(stag);
    }

    @Override
    public void failed(int cause, String reason) {
      life.failed(cause, reason);
    }

    @Override
    public void impossible(String seenAndExpected) {
      life.deviceFailed(seenAndExpected);
    }
  }

  /** An error completion in a message. Under the lock. */
  void failed(Cqe cqe) {
    reap();
    if (life.end() == null) {
      reaper.failed(cqe);
      serial.signal();
    }
  }
}
