package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
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
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.provider.chelsio.wire.FwRiWr;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
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
  private final Gate gate;
  private final RestingWork resting = new RestingWork();
  private final Traffic traffic = new Traffic();
  private final SendQueue sends;
  private final ReceiveQueue receives;
  private final CompletionRing ring;
  private final Reaper reaper;
  private final WorkPoster poster;
  private final Path path;
  private final Regions regions;
  private final RegionMaker maker;
  private final Stall stall;
  private final Completed completed;
  private final ChelsioCompletions completions;
  private final StreamLife life;
  private final QueueRemoval removal;
  private Map<Integer, MemoryRegion> unpacked = Map.of();
  private boolean flushed;
  private boolean departing;
  private boolean queuesGone;
  private int refused = -1;
  private volatile @Nullable FlowRequests requests;

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
    this.path = new Path(adapter, plan, holdings);
    this.gate = new Gate(serial, adapter.context().device().name());
    this.completed = new Completed(settings.sendQueueEntries() + settings.receiveQueueEntries());
    boolean readIndicates = plan.initiator() && plan.p2pType() == FwRiWr.P2P_READ;
    this.sends = queues.sendQueue(settings, completed, readIndicates ? 2 : 1);
    this.receives = queues.receiveQueue(settings, completed);
    this.ring = queues.completionRing();
    this.regions = new Regions(adapter, this);
    this.maker = new RegionMaker(adapter, this, queues.domain());
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

  Gate gate() {
    return gate;
  }

  StreamLife life() {
    return life;
  }

  Regions regions() {
    return regions;
  }

  RegionMaker maker() {
    return maker;
  }

  Completed completed() {
    return completed;
  }

  RestingWork resting() {
    return resting;
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
    return regions.enlist(maker.register(segment, rights), rights);
  }

  @Override
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    EnumSet<Access> rights = rights(access);
    return regions.enlist(maker.allocate(sizeBytes, rights), rights);
  }

  private static EnumSet<Access> rights(Access... access) {
    EnumSet<Access> rights = EnumSet.noneOf(Access.class);
    rights.addAll(List.of(access));
    return rights;
  }

  /** Makes what the connection brings along. */
  void unpack(Luggage luggage) throws NoRoomException, RnicException {
    unpacked = regions.unpack(luggage);
  }

  /** What {@link #unpack} made, once. */
  Map<Integer, MemoryRegion> takeUnpacked() {
    Map<Integer, MemoryRegion> made = unpacked;
    unpacked = Map.of();
    return made;
  }

  // ---- work

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    gate.enter();
    try {
      requireOpen(request);
      if (!queue(request)) {
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
    gate.enter();
    try {
      int queued = 0;
      while (queued < requests.size()) {
        WorkRequest request = requests.get(queued);
        requireOpen(request);
        if (!queue(request)) {
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

  /** Writes a request into its ring; false when there is no room for it. */
  private boolean queue(WorkRequest request) {
    boolean queued = poster.post(request);
    if (queued && sends.isHolding() && request.operation() != Operation.RECEIVE) {
      resting.add(request);
    }
    return queued;
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
    if (life.phase() == StreamLife.Phase.RUNNING && !sends.isHolding()) {
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

  /** Whether a request of either queue has completed since it came. Under the lock. */
  boolean hasCompletedAny() {
    return sends.isDone(1) || receives.nextNumber() != 1;
  }

  /** False while an Initiator's ready-to-receive Read has no answer. Under the lock. */
  boolean isIndicationAnswered() {
    return reaper.isIndicationAnswered();
  }

  /** Whether the n-th request of the send queue has completed. Under the lock. */
  boolean isDone(long ordinal) {
    return flushed || sends.isDone(ordinal);
  }

  /**
   * For the application: waits for news, and as long as the connection is stopped for a move; may
   * come back without any. Under the lock.
   *
   * @param completions whether completions are news, too
   * @throws ConnectionMovedException when it has left
   */
  void awaitNews(long nanos, boolean completions) throws InterruptedException {
    if (awaitNewsAnyway(nanos, completions)) {
      return;
    }
    gate.pass();
    if (completions) {
      reap();
    }
  }

  /** For the connection's own ends; true when something has completed before it waited. */
  boolean awaitNewsAnyway(long nanos, boolean completions) throws InterruptedException {
    if (completions && !flushed) {
      ring.arm();
      if (reap()) {
        return true;
      }
    }
    adapter.poll();
    serial.await(nanos);
    return false;
  }

  // ---- the end

  @Override
  public Optional<StreamEnd> end() {
    gate.enter();
    try {
      return Optional.ofNullable(life.end());
    } finally {
      serial.exit();
    }
  }

  /** The same while it is stopped, or has left. */
  @Nullable StreamEnd endAnyway() {
    serial.enter();
    try {
      return life.end();
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
    gate.enter();
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
    gate.enter();
    try {
      life.abort();
    } finally {
      serial.exit();
    }
  }

  /** Ends it at once, whoever has stopped it. */
  void abortAnyway() {
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
    gate.enter();
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

  /** The RNIC is closed: all that is left ends at once. {@link #shutDown} waits for that. */
  public void beginShutDown() {
    serial.enter();
    try {
      // One that is stopped for a move ends as well: there is no RNIC for it to go on at.
      if (!gate.hasLeft()) {
        gate.goOn();
        life.abort();
      }
    } finally {
      serial.exit();
    }
  }

  /** Waits until nothing of it is on the adapter any more. */
  public void shutDown() {
    release(false);
  }

  /** Another owner goes on with it: takes it off the adapter without a word to anybody. */
  void leave() {
    serial.enter();
    try {
      life.leave();
      gate.leave();
    } finally {
      serial.exit();
    }
    awaitQueuesGone();
    regions.leave();
    serial.enter();
    try {
      tellIfReleased();
    } finally {
      serial.exit();
    }
  }

  /** Aborts what is left, and waits until the adapter has given all back, regions included. */
  private void release(boolean interruptedBefore) {
    if (!gate.hasLeft()) {
      abortAnyway();
    }
    awaitQueuesGone();
    regions.closeAll();
    if (interruptedBefore) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitQueuesGone() {
    boolean interrupted = false;
    serial.enter();
    try {
      // Each step that the adapter has to confirm has a limit of its own.
      while (!queuesGone) {
        try {
          awaitNewsAnyway(Long.MAX_VALUE, false);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      serial.exit();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
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
    if (byTid != null && endAnyway() == null) {
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

  /** Whether nobody else is about to take it off the adapter; nobody else can from now on. */
  boolean beginDeparture() {
    serial.enter();
    try {
      boolean first = !departing && !gate.hasLeft();
      departing = true;
      return first;
    } finally {
      serial.exit();
    }
  }

  /** Holds back what is posted from now on, Receives aside, and what the peer's FIN brings. */
  void hold() {
    sends.hold();
    life.hold(true);
  }

  /** Goes on as before. */
  void goOn() {
    serial.enter();
    try {
      departing = false;
      resting.clear();
      sends.letGo();
      gate.goOn();
      life.hold(false);
      life.stays();
    } finally {
      serial.exit();
    }
  }

  /**
   * Frames go as the host has decided anew.
   *
   * @param cached what it has decided
   * @throws RnicException when the adapter does not do it
   */
  public void update(IwarpConnectionDescriptor cached) throws RnicException {
    FlowRequests flow = requests;
    if (flow != null && endAnyway() == null) {
      path.update(flow, cached);
    }
  }

  /** Whether the chip has forgotten it, or is about to. */
  boolean hasLeftChip() {
    serial.enter();
    try {
      return life.phase() == StreamLife.Phase.ABORTING || life.phase() == StreamLife.Phase.GONE;
    } finally {
      serial.exit();
    }
  }

  /** A request that names a tid. */
  @FunctionalInterface
  interface Request {
    Reply giveTo(FlowRequests tid) throws RnicException;
  }

  /**
   * Gives a request while the chip knows the connection: under the lock, so that nobody lets go of
   * the tid before it.
   *
   * @return null, and nothing was asked, when the chip has forgotten it, or is about to
   */
  @Nullable Reply ask(Request request) throws RnicException {
    serial.enter();
    try {
      FlowRequests tid = requests;
      return tid == null || hasLeftChip() ? null : request.giveTo(tid);
    } finally {
      serial.exit();
    }
  }

  Path path() {
    return path;
  }

  @Nullable FlowRequests requests() {
    return requests;
  }

  private void queuesGone() {
    queuesGone = true;
    serial.signal();
    tellIfReleased();
  }

  /** Under the lock. */
  void tellIfReleased() {
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
