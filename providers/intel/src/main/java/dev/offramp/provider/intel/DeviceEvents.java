package dev.offramp.provider.intel;

import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpQueues;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.ring.AsyncEvent;
import dev.offramp.provider.intel.ring.AsyncEventRing;
import dev.offramp.provider.intel.ring.CompletionEventRing;
import dev.offramp.provider.intel.ring.ControlCompletionRing;
import dev.offramp.provider.intel.ring.EventCode;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the device says by itself: completions of commands (CCQ), which CQs have something new
 * (CEQ), and what has happened (AEQ). Interrupts are hints; whoever waits may also call {@link
 * #service}. Safe for several threads; listeners are told without its lock.
 */
final class DeviceEvents {
  static final int CEQ_ID = 0;
  static final int CCQ_ID = 0;

  /** The vendor shares the first vector between the AEQ and CEQ 0, or gives them one each. */
  private static final List<Integer> VECTORS = List.of(0, 1);

  private static final int CCQ_ENTRIES = 512;

  /** Each connection can have that many events under way, by the vendor's rule of thumb. */
  private static final int EVENTS_OF_CONNECTION = 4;

  private static final int MIN_EVENT_ENTRIES = 1024;
  private static final int ALIGNMENT = 4096;

  /** What no connection has: they count from 1. */
  private static final long CCQ_CONTEXT = 1L << 62;

  private final DriverContext context;
  private final DeviceWindow window;
  private final Generation generation;
  private final ControlQueue control;
  private final EventLoop loop;
  private final ControlCompletionRing ccq;
  private final CompletionEventRing ceq;
  private final AsyncEventRing aeq;
  private final AsyncEvent event = new AsyncEvent();
  private final Map<Long, DeviceListener> byCq = new ConcurrentHashMap<>();
  private final Map<Long, DeviceListener> byQp = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean failureTold;
  private volatile boolean stopped;

  /** On queues that are there; {@link #setUp} creates them. */
  DeviceEvents(
      DriverContext context,
      Generation generation,
      ControlQueue control,
      EventLoop loop,
      ControlCompletionRing ccq,
      CompletionEventRing ceq,
      AsyncEventRing aeq) {
    this.context = context;
    this.window = context.window();
    this.generation = generation;
    this.control = control;
    this.loop = loop;
    this.ccq = ccq;
    this.ceq = ceq;
    this.aeq = aeq;
  }

  /** Creates the queues on the device. */
  static DeviceEvents setUp(
      DriverContext context,
      Generation generation,
      ControlQueue control,
      EventLoop loop,
      IntelSettings settings,
      Rollback rollback)
      throws CommandException {
    DeviceWindow window = context.window();
    int vsi = settings.vsi();
    int entries = entriesFor(settings.maxConnections());
    ControlCompletionRing ccq = createCcq(window, generation, control, vsi, rollback);
    CompletionEventRing ceq = createCeq(window, control, vsi, entries, rollback);
    AsyncEventRing aeq = createAeq(window, generation, control, entries, rollback);
    return new DeviceEvents(context, generation, control, loop, ccq, ceq, aeq);
  }

  private static int entriesFor(int connections) {
    int wanted = Math.max(connections * EVENTS_OF_CONNECTION, MIN_EVENT_ENTRIES);
    return Integer.highestOneBit(wanted - 1) << 1;
  }

  private static ControlCompletionRing createCcq(
      DeviceWindow window, Generation generation, ControlQueue control, int vsi, Rollback rollback)
      throws CommandException {
    long ringBytes = (long) CCQ_ENTRIES * CompletionEntry.BYTES;
    DmaSlab slab = window.allocate(ringBytes + CompletionEntry.SHADOW_BYTES, ALIGNMENT);
    rollback.addMemory("memory of the CCQ", slab::close);
    long shadow = slab.deviceAddress() + ringBytes;
    ControlCompletionRing ring =
        new ControlCompletionRing(
            generation,
            slab.segment().asSlice(0, ringBytes),
            slab.segment().asSlice(ringBytes, CompletionEntry.SHADOW_BYTES),
            CCQ_ID,
            control.ring(),
            window);
    CqpQueues.Place place = place(slab);
    // The first completion in it is that of its own creation.
    control.completeIn(ring);
    rollback.add("CCQ", control::completeInRegisters);
    control.run(
        "CREATE_CQ " + CCQ_ID,
        (commands, wqe, valid) ->
            CqpQueues.createCq(
                generation,
                commands,
                wqe,
                CCQ_ID,
                CCQ_ENTRIES,
                CCQ_CONTEXT,
                place,
                shadow,
                CCQ_ENTRIES / 2,
                CEQ_ID,
                0,
                vsi,
                CqpQueues.IRDMA_CQPSQ_CQ_CEQIDVALID.mask(),
                valid));
    rollback.add(
        "DESTROY_CQ " + CCQ_ID,
        () -> {
          // There is no queue any more in which this could complete.
          control.completeInRegisters();
          control.insist(
              "DESTROY_CQ " + CCQ_ID,
              (commands, wqe, valid) ->
                  CqpQueues.destroyCq(
                      generation,
                      commands,
                      wqe,
                      CCQ_ID,
                      CCQ_ENTRIES,
                      CCQ_CONTEXT,
                      place,
                      shadow,
                      CEQ_ID,
                      CqpQueues.IRDMA_CQPSQ_CQ_CEQIDVALID.mask(),
                      valid));
        });
    return ring;
  }

  private static CompletionEventRing createCeq(
      DeviceWindow window, ControlQueue control, int vsi, int entries, Rollback rollback)
      throws CommandException {
    DmaSlab slab = window.allocate((long) entries * CompletionEventRing.ENTRY_BYTES, ALIGNMENT);
    rollback.addMemory("memory of the CEQ", slab::close);
    CqpQueues.Place place = place(slab);
    control.run(
        "CREATE_CEQ " + CEQ_ID,
        (ring, wqe, valid) ->
            CqpQueues.createCeq(ring, wqe, CEQ_ID, entries, place, 0, vsi, 0, valid));
    rollback.add(
        "DESTROY_CEQ " + CEQ_ID,
        () ->
            control.insist(
                "DESTROY_CEQ " + CEQ_ID,
                (ring, wqe, valid) ->
                    CqpQueues.destroyCeq(ring, wqe, CEQ_ID, entries, place, 0, valid)));
    return new CompletionEventRing(slab.segment());
  }

  private static AsyncEventRing createAeq(
      DeviceWindow window,
      Generation generation,
      ControlQueue control,
      int entries,
      Rollback rollback)
      throws CommandException {
    DmaSlab slab = window.allocate((long) entries * AsyncEventRing.ENTRY_BYTES, ALIGNMENT);
    rollback.addMemory("memory of the AEQ", slab::close);
    CqpQueues.Place place = place(slab);
    control.run(
        "CREATE_AEQ", (ring, wqe, valid) -> CqpQueues.createAeq(ring, wqe, entries, place, valid));
    rollback.add(
        "DESTROY_AEQ",
        () ->
            control.insist(
                "DESTROY_AEQ",
                (ring, wqe, valid) -> CqpQueues.destroyAeq(ring, wqe, entries, place, valid)));
    return new AsyncEventRing(generation, slab.segment(), window);
  }

  private static CqpQueues.Place place(DmaSlab slab) {
    CqpQueues.Place place = new CqpQueues.Place();
    place.address = slab.deviceAddress();
    return place;
  }

  /** Interrupts are listened to from now on. */
  void start() {
    for (int vector : VECTORS) {
      window.onInterrupt(vector, loop, this::interrupted);
    }
    lock.lock();
    try {
      ccq.arm();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is looked at any more: the memory of the queues may go when this returns. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
    } finally {
      lock.unlock();
    }
  }

  /** Says who is told of a connection. */
  void add(long qpContext, long cqContext, DeviceListener listener) {
    byQp.put(qpContext, listener);
    byCq.put(cqContext, listener);
  }

  /** Nobody is told of it any more; what the device still says about it is dropped. */
  void remove(long qpContext, long cqContext) {
    byQp.remove(qpContext);
    byCq.remove(cqContext);
  }

  private void interrupted() {
    List<Runnable> news;
    // Not tryLock: what comes while another thread leaves would not be found by anybody.
    lock.lock();
    try {
      news = take();
    } finally {
      lock.unlock();
    }
    finish(news);
  }

  /** Takes what is there, unless another thread is at it. Never waits. */
  void service() {
    if (lock.tryLock()) {
      List<Runnable> news;
      try {
        news = take();
      } finally {
        lock.unlock();
      }
      finish(news);
    }
  }

  private void finish(List<Runnable> news) {
    control.drain();
    for (int i = 0; i < news.size(); i++) {
      news.get(i).run();
    }
    if (control.breakdown().announced() != null && !failureTold && !stopped) {
      service();
    }
  }

  /** Under the lock; what it returns is to be run without it. */
  private List<Runnable> take() {
    if (stopped) {
      return List.of();
    }
    List<Runnable> news = null;
    long cq;
    while ((cq = ceq.poll()) != CompletionEventRing.NOTHING) {
      if (cq == CCQ_CONTEXT) {
        acknowledge(CCQ_ID);
        ccq.arm();
        continue;
      }
      DeviceListener listener = byCq.get(cq);
      if (listener != null) {
        news = with(news, listener::completed);
      }
    }
    int count = 0;
    while (aeq.poll(event)) {
      count++;
      news = with(news, meaningOf(DeviceEvent.of(event)));
    }
    if (count > 0) {
      aeq.giveBack(count);
    }
    String failure = control.breakdown().announced();
    if (failure != null && !failureTold) {
      failureTold = true;
      for (DeviceListener listener : byQp.values()) {
        news = with(news, () -> listener.deviceFailed(failure));
      }
    }
    return news == null ? List.of() : news;
  }

  private static List<Runnable> with(@Nullable List<Runnable> news, Runnable more) {
    List<Runnable> list = news == null ? new ArrayList<>() : news;
    list.add(more);
    return list;
  }

  /** A CEQE has been taken. */
  void acknowledge(int cqId) {
    window.write32(Registers.BAR, generation.registers().cqAck(), cqId);
  }

  private Runnable meaningOf(DeviceEvent what) {
    if (what.code() == EventCode.LCE_FUNCTION_CATASTROPHIC) {
      return () ->
          control.fail("the device reports " + what + " of the whole function, expected none");
    }
    DeviceListener listener =
        (event.isAboutCq() && !event.isAboutQp() ? byCq : byQp).get(event.context());
    if (listener == null && !event.isAboutCq() && !event.isAboutQp()) {
      // Neither code nor source say what it is about: rather a connection too many that ends.
      listener = byQp.get(event.entryContext());
    }
    if (event.isOverflow()) {
      return () -> byQp.values().forEach(DeviceListener::eventsLost);
    }
    if (listener == null) {
      return () ->
          context
              .logger()
              .log(
                  System.Logger.Level.WARNING,
                  "{0} about [{1}], which no connection has; ignored",
                  what,
                  what.code());
    }
    DeviceListener told = listener;
    return () -> told.happened(what);
  }

  /** Looks whether the device is still there and well; fails all its connections when not. */
  void checkHealth() {
    if (stopped) {
      return;
    }
    int seen = window.read32(Registers.BAR, generation.registers().criticalError());
    if (seen != 0 && control.breakdown().reason() == null) {
      control.fail(
          seen == -1
              ? "GLPE_CRITERR reads [ffffffff], expected [00000000]: the adapter is gone"
              : "GLPE_CRITERR reads [%08x], expected [00000000]: the protocol engine has stopped"
                  .formatted(seen));
    }
    if (control.breakdown().reason() != null) {
      service();
    }
  }
}
