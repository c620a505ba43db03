package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.FwError;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoop;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An adapter that is up: what connections and regions need of it. Safe for use by several threads.
 *
 * <p>Messages come through one event queue. Whoever waits for an answer drains it; else the event
 * loop does, when the adapter interrupts. {@link Flow}s are told while the queue's lock is held, so
 * they leave their work to themselves. Where locks nest, the event queue's comes first, then a
 * connection's, then that of an {@link EgressQueue}.
 */
public final class Adapter implements AutoCloseable {
  private static final long LOOK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final DriverContext context;
  private final DeviceWindow window;
  private final Parameters parameters;
  private final Mailbox mailbox;
  private final Port port;
  private final Queues queues;
  private final Undo undo;
  private final long replyNanos;
  private final EventLoop loop;
  private final Replies replies;
  private final Flows flows = new Flows();
  private final RdmaResources resources;
  private final NextHops nextHops;
  private final SourceMacs sourceMacs;
  private final LocalAddresses localAddresses;
  private final Dispatcher dispatcher;
  private final ReentrantLock eventLock = new ReentrantLock();
  private final AtomicBoolean missed = new AtomicBoolean();
  private volatile @Nullable String failure;
  private volatile boolean closed;
  private final AtomicLong garbageCount = new AtomicLong();

  /** What may be given back only when the adapter works no more. */
  private final Queue<Runnable> quarantine = new ConcurrentLinkedQueue<>();

  /**
   * An adapter whose queues are there.
   *
   * @param undo frees them
   * @param random where STags and cookies come from
   */
  Adapter(
      DriverContext context,
      Parameters parameters,
      Mailbox mailbox,
      Port port,
      Queues queues,
      Undo undo,
      long replyNanos,
      RandomGenerator random) {
    this.context = context;
    this.window = context.window();
    this.parameters = parameters;
    this.mailbox = mailbox;
    this.port = port;
    this.queues = queues;
    this.undo = undo;
    this.replyNanos = replyNanos;
    this.loop = context.eventLoops().next();
    this.replies = new Replies(random.nextLong());
    this.resources = new RdmaResources(parameters, random::nextInt);
    this.nextHops = new NextHops(this, parameters.l2t());
    this.sourceMacs =
        new SourceMacs(this, port.mac(), parameters.chip().sourceMacIndex(port.interfaceId()));
    this.localAddresses = new LocalAddresses(this);
    this.dispatcher =
        new Dispatcher(
            queues.absoluteEventQueueId(), replies, flows, new Complaints(), this::flush);
  }

  /** Begins to listen to the adapter. */
  void start() {
    window.onInterrupt(Queues.VECTOR, loop, this::interrupted);
    queues.events().arm();
    lookAfter();
  }

  // ---- what the adapter is

  public Parameters parameters() {
    return parameters;
  }

  public DriverContext context() {
    return context;
  }

  /** The port that connections use. */
  public Port port() {
    return port;
  }

  public RdmaResources resources() {
    return resources;
  }

  /** The event queue's number in messages and options. */
  public int eventQueueId() {
    return queues.absoluteEventQueueId();
  }

  /** Where connections' timers run. */
  public EventLoop loop() {
    return loop;
  }

  /** The doorbells of a send or receive queue, or of a completion queue. */
  public UserDoorbell doorbell(int queueId, boolean egress) {
    return queues.doorbell(queueId, egress);
  }

  // ---- requests and answers

  /** Memory for one request. */
  public static MemorySegment scratch(int sizeBytes) {
    return MemorySegment.ofArray(new byte[sizeBytes]);
  }

  /** Posts a request, which is all of the segment, to the control queue. */
  public void control(MemorySegment request) {
    post(queues.control(), request, (int) request.byteSize());
  }

  /** Posts a request of a connection to the offload queue. */
  public void offload(MemorySegment request, int sizeBytes) {
    post(queues.offload(), request, sizeBytes);
  }

  private void post(EgressQueue queue, MemorySegment request, int sizeBytes) {
    queue.post(request, sizeBytes);
    if (!queue.flush()) {
      retry();
    }
  }

  private void retry() {
    loop.schedule(context.nanoTime() + RETRY_NANOS, this::flush);
  }

  private void flush() {
    boolean controlDone = queues.control().flush();
    boolean offloadDone = queues.offload().flush();
    if (!(controlDone && offloadDone) && failure == null && !closed) {
      retry();
    }
  }

  /** A cookie that no other request has. */
  public long nextCookie() {
    return replies.nextCookie();
  }

  /**
   * Awaits an answer from now on, before the request is posted.
   *
   * @param cookie of the request
   * @param what for messages
   */
  public Reply expect(long cookie, String what) throws RnicException {
    requireUp();
    return replies.await(cookie, what);
  }

  Reply expect(Replies.Key key, String what) throws RnicException {
    requireUp();
    return replies.await(key, what);
  }

  /**
   * Awaits a CPL_SET_TCB_RPL.
   *
   * @param wordCookie cookie 7:5 and word 4:0 of the request
   */
  public Reply expectTcbWritten(int tid, int wordCookie, String what) throws RnicException {
    int number = Dispatcher.tcbKey(tid, wordCookie);
    return expect(new Replies.Key(Replies.Kind.TCB_WRITTEN, number), what);
  }

  /** Awaits a CPL_GET_TCB_RPL. */
  public Reply expectTcb(int tid) throws RnicException {
    return expect(new Replies.Key(Replies.Kind.TCB_READ, tid), "CPL_GET_TCB of tid " + tid);
  }

  /** Awaits the CPL_FW4_ACK of an FW_FLOWC_WR. */
  public Reply expectFlowKnown(int tid) throws RnicException {
    return expect(new Replies.Key(Replies.Kind.FLOW_KNOWN, tid), "FW_FLOWC_WR of tid " + tid);
  }

  /** An answer is of no use any more, or will not come. */
  public void forget(Reply reply) {
    replies.forget(reply);
  }

  /**
   * Waits for an answer, draining the event queue.
   *
   * @throws RnicException when it does not come in time, or the adapter has failed; it is awaited
   *     no more
   */
  public void await(Reply reply) throws RnicException {
    Patience patience = new Patience(context::nanoTime, replyNanos);
    while (!reply.isDone()) {
      poll();
      if (!reply.isDone()) {
        if (patience.isOver()) {
          replies.forget(reply);
          throw silent(reply.what());
        }
        patience.pause();
      }
    }
    RnicException why = reply.failure();
    if (why != null) {
      throw new RnicException(
          "device [%s]: no answer to [%s]: %s"
              .formatted(context.device().name(), reply.what(), why.getMessage()),
          why);
    }
  }

  /** Waits for an answer whose status is a {@code FW_E*}. */
  public void awaitFirmware(Reply reply) throws RnicException {
    await(reply);
    requireDone(reply);
  }

  /** Requires that an answer's {@code FW_E*} is success. */
  public void requireDone(Reply reply) throws RnicException {
    if (reply.status() != 0) {
      throw new RnicException(
          "device [%s]: [%s] was answered with [%s], expected 0"
              .formatted(context.device().name(), reply.what(), FwError.describe(reply.status())));
    }
  }

  /** Waits for an answer whose status is a {@code CPL_ERR_*}. */
  public void awaitCpl(Reply reply) throws RnicException {
    await(reply);
    if (reply.status() != 0) {
      throw new RnicException(
          "device [%s]: [%s] was answered with CPL error [%d], expected 0"
              .formatted(context.device().name(), reply.what(), reply.status()));
    }
  }

  /** What to say of an answer that did not come. */
  public RnicException silent(String what) {
    if (isGone()) {
      fail("the adapter is gone: its registers read all ones");
      return Mailbox.gone(context.device().name(), "PL_WHOAMI");
    }
    return new RnicException(
        ("device [%s]: no answer to [%s] after %d ms, expected one in event queue [%d]; control"
                + " queue [%d] holds [%d] slots, offload queue [%d] holds [%d]; reset the adapter")
            .formatted(
                context.device().name(),
                what,
                TimeUnit.NANOSECONDS.toMillis(replyNanos),
                queues.absoluteEventQueueId(),
                queues.control().egressId(),
                queues.control().slotsInUse(),
                queues.offload().egressId(),
                queues.offload().slotsInUse()));
  }

  /** How long an answer may take. */
  public long replyNanos() {
    return replyNanos;
  }

  // ---- events

  /** Drains the event queue, unless another thread does. */
  public void poll() {
    do {
      if (!eventLock.tryLock()) {
        return;
      }
      try {
        missed.set(false);
        if (closed) {
          return;
        }
        queues.events().drain(dispatcher);
      } finally {
        eventLock.unlock();
      }
    } while (missed.get());
  }

  private void interrupted() {
    // Whoever drains now may have looked for the last time already.
    missed.set(true);
    poll();
  }

  private final class Complaints implements Dispatcher.Garbage {
    @Override
    public void found(@Nullable Flow flow, String what) {
      // It may have been the answer that somebody waits for: better an error than a long silence.
      replies.failAll(new RnicException(report(what)));
      if (flow != null) {
        flow.deviceFailed(what);
      }
    }

    @Override
    public void stray(String what) {
      report(what);
    }

    private String report(String what) {
      garbageCount.incrementAndGet();
      String message =
          "device [%s] says what it must not: %s".formatted(context.device().name(), what);
      context.logger().log(System.Logger.Level.WARNING, message);
      return message;
    }
  }

  // ---- connections

  /** Tells a connection of all that names its tid from now on. */
  public void register(int tid, Flow flow) {
    flows.putTid(tid, flow);
  }

  /** Tells a connection of all that names its queues from now on. */
  public void registerQueues(int workQueue, int completionQueue, Flow flow) {
    flows.putQueues(workQueue, completionQueue, flow);
  }

  /** A tid is used no more. */
  public void unregister(int tid) {
    flows.removeTid(tid);
  }

  /** Queues are used no more. */
  public void unregisterQueues(int workQueue, int completionQueue) {
    flows.removeQueues(workQueue, completionQueue);
  }

  /** The next-hop entry for a destination; {@link #giveBackNextHop} takes it back. */
  public int takeNextHop(long mac, int vlan) throws RnicException, NoRoomException {
    return nextHops.take(mac, vlan, port.number());
  }

  public void giveBackNextHop(int index) {
    nextHops.giveBack(index);
  }

  /** The index of a source address; {@link #giveBackSourceMac} takes it back. */
  public int takeSourceMac(long mac) throws RnicException, NoRoomException {
    return sourceMacs.take(mac);
  }

  public void giveBackSourceMac(long mac) {
    sourceMacs.giveBack(mac);
  }

  /** Makes a local IPv6 address known; {@link #giveBackLocalAddress} takes it back. */
  public void takeLocalAddress(Inet6Address address) throws RnicException {
    localAddresses.take(address);
  }

  public void giveBackLocalAddress(Inet6Address address) {
    localAddresses.giveBack(address);
  }

  void addMac(long mac) throws RnicException, NoRoomException {
    port.addMac(mac);
  }

  void removeMac(long mac) {
    port.removeMac(mac);
  }

  void addClip(long high, long low) throws RnicException {
    port.addClip(high, low);
  }

  void removeClip(long high, long low) {
    port.removeClip(high, low);
  }

  // ---- health

  /** Why the adapter is of no use any more; null while it is. */
  public @Nullable String failure() {
    return failure;
  }

  /**
   * Requires that it is up.
   *
   * @throws RnicException when it is not
   */
  public void requireUp() throws RnicException {
    String why = closed ? "it is closed" : failure;
    if (why != null) {
      throw new RnicException(
          "device [%s] is of no use any more: %s; open it again"
              .formatted(context.device().name(), why));
    }
  }

  /** The adapter is of no use any more: all connections end, and nothing is awaited. */
  public void fail(String why) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = why;
    }
    context
        .logger()
        .log(
            System.Logger.Level.ERROR,
            "device [%s] fails: %s".formatted(context.device().name(), why));
    context.events().failing(why);
    queues.control().discard();
    queues.offload().discard();
    // Before those who wait for an answer can close what has ended.
    for (Flow flow : flows.all()) {
      flow.deviceFailed(why);
    }
    replies.failAll(new RnicException(why));
    endQuarantine();
  }

  /**
   * Has something given back as soon as the adapter works no more: it has not said that it uses it
   * no more.
   */
  public void giveBackAtEnd(Runnable release) {
    quarantine.add(release);
    if (failure != null || closed) {
      endQuarantine();
    }
  }

  private void endQuarantine() {
    for (Runnable next = quarantine.poll(); next != null; next = quarantine.poll()) {
      next.run();
    }
  }

  /** Looks whether the adapter still answers on the bus. */
  private boolean isGone() {
    boolean gone = window.read32(Registers.BAR0, Registers.PL_WHOAMI) == Registers.ALL_ONES;
    if (gone) {
      mailbox.abandon();
    }
    return gone;
  }

  /** An adapter that is gone interrupts nobody, and interrupts get lost: somebody has to look. */
  private void lookAfter() {
    if (!closed && failure == null) {
      if (isGone()) {
        fail("the adapter is gone: its registers read all ones");
        return;
      }
      interrupted();
      loop.schedule(context.nanoTime() + LOOK_AFTER_NANOS, this::lookAfter);
    }
  }

  /** What is in use; for tests and diagnosis. */
  public Usage usage() {
    return new Usage(
        flows.tidsInUse(),
        resources.opens().inUse(),
        resources.domains().inUse(),
        resources.workQueues().inUse(),
        resources.completionQueues().inUse(),
        resources.stagsInUse(),
        resources.pageLists().inUse(),
        resources.receiveTable().inUse(),
        nextHops.inUse(),
        sourceMacs.inUse(),
        localAddresses.inUse(),
        replies.size(),
        parameters.adapterReadDepth() - resources.readsLeft());
  }

  /** How often the adapter has said what it must not. */
  public long garbageCount() {
    return garbageCount.get();
  }

  /** Frees the queues and says good-bye. To be called when no connection is left. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      // Whoever drains the event queue is through before its memory goes.
      eventLock.lock();
      try {
        closed = true;
      } finally {
        eventLock.unlock();
      }
      replies.failAll(new RnicException("the device was closed"));
      undo.run(context.logger());
      endQuarantine();
    }
  }
}
