package dev.offramp.models.intel;

import dev.offramp.models.ModelWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A driver that knows nothing of the model's classes: words, shifts and offsets from the fact
 * sheets, written out. What it does not check it gives to the test.
 */
final class RawDriver implements AutoCloseable {
  static final long VALID = 1L << 63;
  static final int CQ_ENTRIES = 256;

  private static final VarHandle WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int RING = 32;
  private static final int AEQ_ENTRIES = 64;
  private static final int CEQ_ENTRIES = 32;
  private static final long CONTROL_CONTEXT = 0x5a5a_0000_1000L;

  final ModelWindow window;
  final boolean second;
  private final long[] registers;
  private final Supplier<?> failures;
  private final List<DmaSlab> slabs = new ArrayList<>();

  private final DmaSlab hostContext;
  private final DmaSlab commands;
  private final DmaSlab scratch;
  private int head;
  private boolean polarity;
  private @Nullable Queue control;
  private final Map<Integer, Queue> queues = new HashMap<>();
  private final List<Event> events = new ArrayList<>();
  private @Nullable DmaSlab aeq;
  private int aeqIndex;
  private boolean aeqPolarity = true;
  private @Nullable DmaSlab ceq;
  private int ceqIndex;
  private boolean ceqPolarity = true;

  /** Offsets: context low, high, status, doorbell, tail, errors, WQE, arm, ack, AEQ. */
  private static final long[] X722 = {
    0x8180, 0x8200, 0x8100, 0x8000, 0x8080, 0x8880, 0x138C00, 0x131080, 0x131100, 0x131180
  };

  private static final long[] E810 = {
    0x50A080, 0x50A100, 0x50A000, 0x500800, 0x500880, 0x50A200, 0x504400, 0x502C00, 0x502C80,
    0x502D00
  };

  RawDriver(ModelWindow window, Supplier<?> failures) {
    this.window = window;
    this.failures = failures;
    this.second = window.device().name().equals("e810");
    this.registers = second ? E810 : X722;
    this.hostContext = allocate(64, 512);
    this.commands = allocate(64L * RING, 512);
    this.scratch = allocate(4096, 4096);
  }

  /** A completed command. */
  record Result(boolean error, int major, int minor, int value) {
    static final Result OK = new Result(false, 0, 0, 0);
  }

  /** A completion: its four words, and what is most asked of it. */
  record Done(long q0, long q1, long q2, long q3) {
    boolean error() {
      return (q3 >>> 55 & 1) != 0;
    }

    int major() {
      return (int) (q3 >>> 16) & 0xFFFF;
    }

    int minor() {
      return (int) q3 & 0xFFFF;
    }

    int wqeIndex() {
      return (int) (q3 >>> 32) & 0x7FFF;
    }

    int opcode() {
      return (int) (q3 >>> 56) & 0x3F;
    }

    boolean sendQueue() {
      return (q3 >>> 62 & 1) != 0;
    }

    boolean solicited() {
      return (q3 >>> 54 & 1) != 0;
    }

    boolean hasStag() {
      return (q3 >>> 53 & 1) != 0;
    }

    long bytes() {
      return q0 & 0xFFFF_FFFFL;
    }

    int qp() {
      return (int) (q2 >>> 32) & 0xFF_FFFF;
    }

    int stag() {
      return (int) q2;
    }
  }

  /** An asynchronous event. */
  record Event(long context, long word) {
    int code() {
      return (int) (word >>> 34) & 0xFFF;
    }

    int id() {
      return (int) word & 0x3FFFF;
    }

    int source() {
      return (int) (word >>> 50) & 0xF;
    }

    int iwarpState() {
      return (int) (word >>> 54) & 7;
    }

    int tcpState() {
      return (int) (word >>> 57) & 0xF;
    }

    int q2Data() {
      return (int) (word >>> 61) & 3;
    }

    boolean overflow() {
      return (word >>> 33 & 1) != 0;
    }
  }

  private static final class Queue {
    private final DmaSlab ring;
    private final DmaSlab shadow;
    private int index;
    private boolean polarity = true;
    private int armSequence;

    Queue(DmaSlab ring, DmaSlab shadow) {
      this.ring = ring;
      this.shadow = shadow;
    }
  }

  // ---- memory and registers

  DmaSlab allocate(long bytes, long alignment) {
    DmaSlab slab = window.allocate(bytes, alignment);
    slabs.add(slab);
    return slab;
  }

  static void put(MemorySegment segment, long offset, long word) {
    WORD.setRelease(segment, offset, word);
  }

  static long get(MemorySegment segment, long offset) {
    return (long) WORD.getAcquire(segment, offset);
  }

  int read(int register) {
    return window.read32(0, registers[register]);
  }

  void write(int register, int value) {
    window.fence();
    window.write32(0, registers[register], value);
  }

  /** Waits, and says what for when it never comes. */
  void await(String what, BooleanSupplier condition) {
    await(what, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
  }

  /** Waits until {@code look} gives something. */
  <T> T await(String what, Supplier<@Nullable T> look) {
    long begin = System.nanoTime();
    while (true) {
      T seen = look.get();
      if (seen != null) {
        return seen;
      }
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        IntelModel model = (IntelModel) window.model();
        throw new AssertionError(
            "no %s after %s; refusals %s, violations %s, events %s, failures %s"
                .formatted(
                    what, PATIENCE, model.refusals(), model.violations(), events, failures.get()));
      }
      LockSupport.parkNanos(20_000);
    }
  }

  // ---- the control queue

  /** Host context, start, status. */
  int startControlQueue() {
    MemorySegment context = hostContext.segment();
    put(context, 0, 4L << 8);
    put(context, 8, commands.deviceAddress());
    put(context, 24, CONTROL_CONTEXT);
    put(context, 32, (second ? 1L : 0L) << 16);
    write(4, 0);
    write(3, 0);
    write(2, 0);
    write(1, (int) (hostContext.deviceAddress() >>> 32));
    write(0, (int) hostContext.deviceAddress());
    return await("control queue", () -> read(2) == 0 ? null : read(2));
  }

  /** Puts a command into the ring, rings and waits; the header's valid bit is added. */
  Result command(long... words) {
    int at = head;
    post(words);
    Queue queue = control;
    return queue == null ? awaitTail(at) : awaitControl(queue, at);
  }

  /** Puts a command into the ring and rings. */
  void post(long... words) {
    if (head == 0) {
      polarity = !polarity;
    }
    long at = 64L * head;
    for (int i = 0; i < 8; i++) {
      if (i != 3) {
        put(commands.segment(), at + 8L * i, i < words.length ? words[i] : 0);
      }
    }
    put(commands.segment(), at + 24, words[3] | (polarity ? VALID : 0));
    head = (head + 1) % RING;
    write(3, head);
  }

  private Result awaitTail(int at) {
    int tail =
        await(
            "the tail to leave " + at,
            () -> {
              int seen = read(4);
              return (seen & 0x7FF) == at ? null : seen;
            });
    int codes = read(5);
    return tail < 0 ? new Result(true, codes >>> 16, codes & 0xFFFF, 0) : Result.OK;
  }

  private Result awaitControl(Queue queue, int at) {
    Done done = await("completion of command " + at, () -> poll(queue));
    if (done.wqeIndex() != at || done.q1() != CONTROL_CONTEXT) {
      throw new AssertionError("completion of another command: " + done + ", expected " + at);
    }
    return new Result(done.error(), done.major(), done.minor(), (int) done.q2());
  }

  private @Nullable Done poll(Queue queue) {
    MemorySegment ring = queue.ring.segment();
    long at = 32L * queue.index;
    long header = get(ring, at + 24);
    if (header < 0 != queue.polarity) {
      return null;
    }
    Done done = new Done(get(ring, at), get(ring, at + 8), get(ring, at + 16), header);
    queue.index = (queue.index + 1) % CQ_ENTRIES;
    if (queue.index == 0) {
      queue.polarity = !queue.polarity;
    }
    put(queue.shadow.segment(), 0, queue.index);
    return done;
  }

  static void require(Result result) {
    if (result.error()) {
      throw new AssertionError("command failed: " + result);
    }
  }

  // ---- bringing the device up and down

  /** As irdma does it: cache, AEQ, control CQ, CEQ 0. */
  void bringUp() {
    if (startControlQueue() != 1) {
      throw new AssertionError("control queue: " + read(2));
    }
    setUpCache();
    DmaSlab events = allocate(16L * AEQ_ENTRIES, 256);
    aeq = events;
    require(command(0, 0, AEQ_ENTRIES, 0x19L << 32, events.deviceAddress()));
    Queue queue = createQueue();
    control = queue;
    require(command(createCq(0, queue)));
    DmaSlab completions = allocate(8L * CEQ_ENTRIES, 256);
    ceq = completions;
    require(command(0, 0, CEQ_ENTRIES, 0x16L << 32, completions.deviceAddress()));
  }

  /** Asks, commits 64 QPs, 128 CQs, 1024 STags and tables, and backs one segment of 2 MiB. */
  void setUpCache() {
    long buffer = scratch.deviceAddress();
    require(command(0, 0, 0, 0x20L << 32, buffer));
    long qps = get(scratch.segment(), 8) & 0x7FFFF;
    if (qps < 64) {
      throw new AssertionError("QUERY_FPM: " + qps + " QPs");
    }
    for (int i = 0; i < 22; i++) {
      put(scratch.segment(), 8L * i, 0);
    }
    int[] words = {0, 1, 3, 4, 6, 7, 8, 9, 10, 11};
    int[] counts = {64, 128, 128, 64, 1024, 64, 64, 256, 256, 64};
    for (int i = 0; i < words.length; i++) {
      put(scratch.segment(), 8L * words[i], counts[i]);
    }
    require(command(0, 0, 0, (0x21L << 32) | 176, buffer));
    DmaSlab segment = allocate(2 << 20, 2 << 20);
    require(
        command(
            (1L << 31) | (1 << 15), segment.deviceAddress() | (512 << 2) | 2 | 1, 0, 0x1FL << 32));
  }

  private Queue createQueue() {
    return new Queue(allocate(32L * CQ_ENTRIES, 256), allocate(64, 64));
  }

  private long[] createCq(int id, Queue queue) {
    return new long[] {
      CQ_ENTRIES,
      cqContext(id) >>> 1,
      0,
      id | (3L << 32) | (1L << 46) | (1L << 49),
      queue.ring.deviceAddress(),
      queue.shadow.deviceAddress(),
      0,
      0
    };
  }

  private static long cqContext(int id) {
    return 0x5a5a_0002_0000L + 2L * id;
  }

  void createCq(int id) {
    Queue queue = createQueue();
    queues.put(id, queue);
    require(command(createCq(id, queue)));
  }

  Result destroyCq(int id) {
    return command(CQ_ENTRIES, cqContext(id) >>> 1, 0, id | (5L << 32) | (1L << 49));
  }

  /** The next completion of a CQ; null when there is none now. */
  @Nullable Done poll(int cq) {
    Queue queue = queues.get(cq);
    return queue == null ? null : poll(queue);
  }

  Done take(int cq) {
    return await("completion in CQ " + cq, () -> poll(cq));
  }

  /** Arms a CQ; {@code skip} makes the sequence number wrong. */
  void arm(int cq, boolean solicitedOnly, int skip) {
    Queue queue = queues.get(cq);
    if (queue == null) {
      throw new IllegalArgumentException("CQ " + cq);
    }
    queue.armSequence = (queue.armSequence + 1 + skip) & 3;
    put(
        queue.shadow.segment(),
        32,
        ((long) queue.armSequence << 16) | (1 << 15) | (solicitedOnly ? 0 : 1 << 14));
    write(7, cq);
  }

  /** The CQ of the next completion event, acknowledged; null when there is none now. */
  @Nullable Integer pollCompletionEvent() {
    DmaSlab ring = ceq;
    if (ring == null) {
      return null;
    }
    long word = get(ring.segment(), 8L * ceqIndex);
    if (word < 0 != ceqPolarity) {
      return null;
    }
    ceqIndex = (ceqIndex + 1) % CEQ_ENTRIES;
    if (ceqIndex == 0) {
      ceqPolarity = !ceqPolarity;
    }
    int cq = (int) ((word << 1) - cqContext(0)) / 2;
    write(8, cq);
    return cq;
  }

  /** The next asynchronous event; null when there is none now. */
  @Nullable Event pollEvent() {
    DmaSlab ring = aeq;
    if (ring == null) {
      return null;
    }
    long word = get(ring.segment(), 16L * aeqIndex + 8);
    if (word < 0 != aeqPolarity) {
      return null;
    }
    Event event = new Event(get(ring.segment(), 16L * aeqIndex), word);
    events.add(event);
    aeqIndex = (aeqIndex + 1) % AEQ_ENTRIES;
    if (aeqIndex == 0) {
      aeqPolarity = !aeqPolarity;
    }
    write(9, 1);
    return event;
  }

  Event takeEvent(int code) {
    Event event = await("event %#x".formatted(code), this::pollEvent);
    if (event.code() != code) {
      throw new AssertionError("event %#x, expected %#x".formatted(event.code(), code));
    }
    return event;
  }

  /** Gives queues back, in irdma's order, and the segment of the cache. */
  void shutDown() {
    queues.keySet().forEach(cq -> require(destroyCq(cq)));
    queues.clear();
    require(command(0, 0, AEQ_ENTRIES, 0x1BL << 32));
    require(command(0, 0, CEQ_ENTRIES, 0x18L << 32));
    int at = head;
    post(CQ_ENTRIES, cqContext(0) >>> 1, 0, (5L << 32) | (1L << 49));
    control = null;
    require(awaitTail(at));
    require(command((1L << 31) | (1 << 15), (512 << 2) | 2, 0, 0x1FL << 32));
    write(1, 0);
    write(0, 0);
    await("the control queue to end", () -> (read(2) & 1) == 0);
  }

  @Override
  public void close() {
    slabs.forEach(DmaSlab::close);
  }
}
