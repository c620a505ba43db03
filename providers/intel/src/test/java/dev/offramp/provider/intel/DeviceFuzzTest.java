package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.models.intel.E810Factory;
import dev.offramp.models.intel.X722Factory;
import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.CqpNet;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.provider.intel.layout.Words;
import dev.offramp.provider.intel.ring.AsyncEventRing;
import dev.offramp.provider.intel.ring.CompletionEventRing;
import dev.offramp.provider.intel.ring.ControlCompletionRing;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.StreamPorts;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;

/**
 * Any bytes where a device writes: completions of commands, events, an uploaded context, a packet
 * that it kept. Each means something or is refused with what was seen; nothing else is thrown.
 */
@Tag("fuzz")
final class DeviceFuzzTest {
  private static final long TIMEOUT_NANOS = 1_000_000;
  private static final int CCQ_ENTRIES = 64;
  private static final int EVENT_ENTRIES = 64;
  private static final int MOST_ENTRIES = 32;
  private static final int CHANGE_BYTES = 9;
  private static final int MOST_HEADERS_BYTES = 18 + 28;

  /** Garbage is worth a warning in the log, but not millions. */
  private static final Logger SILENT = Logger.getLogger("dev.offramp.intel.fuzz");

  static {
    SILENT.setLevel(Level.OFF);
  }

  /**
   * First octet: generation, and how many commands are given. Then completions: each command ends
   * once, by a completion or by its deadline.
   */
  @FuzzTest
  void commands(byte[] bytes) throws Exception {
    Talker talker = new Talker(bytes);
    MemorySegment ring = talker.memory((long) CCQ_ENTRIES * CompletionEntry.BYTES);
    ControlQueue control = talker.control(ring);
    control.breakdown().enterService(() -> {});
    int[] told = new int[1 + (talker.first() >>> 1 & 7)];
    for (int i = 0; i < told.length; i++) {
      int mine = i;
      control.submit(
          "command " + i,
          (commands, wqe, valid) -> CqpNet.port(commands, wqe, 1 + mine, true, valid),
          error -> {
            if (error != null) {
              assertThat(error.getMessage()).contains("command " + mine);
            }
            told[mine]++;
          });
    }
    talker.fill(ring, CompletionEntry.BYTES, CompletionEntry.Q3, 0, MOST_ENTRIES);
    control.drain();
    assertThat(control.breakdown().reason()).isNull();
    assertThat(Arrays.stream(told)).allMatch(times -> times <= 1);
    boolean lost = Arrays.stream(told).anyMatch(times -> times == 0);
    talker.now += 2 * TIMEOUT_NANOS;
    control.drain();
    assertThat(Arrays.stream(told)).allMatch(times -> times == 1);
    assertThat(control.breakdown().reason() != null).isEqualTo(lost);
    assertThat(talker.failing).isEqualTo(lost ? 1 : 0);
    control.close();
  }

  /**
   * First octet: generation. Second: how many CEQEs; then those, then AEQEs. A failure of the whole
   * device is told once to all, and nothing is looked at twice.
   */
  @FuzzTest
  void events(byte[] bytes) throws Exception {
    Talker talker = new Talker(bytes);
    ControlQueue control =
        talker.control(talker.memory((long) CCQ_ENTRIES * CompletionEntry.BYTES));
    control.breakdown().enterService(() -> {});
    MemorySegment ceq = talker.memory((long) EVENT_ENTRIES * CompletionEventRing.ENTRY_BYTES);
    MemorySegment aeq = talker.memory((long) EVENT_ENTRIES * AsyncEventRing.ENTRY_BYTES);
    int ceqes = bytes.length > 1 ? bytes[1] & (MOST_ENTRIES - 1) : 0;
    int taken = talker.fill(ceq, CompletionEventRing.ENTRY_BYTES, 0, 1, ceqes);
    int aeqes =
        talker.fill(
            aeq,
            AsyncEventRing.ENTRY_BYTES,
            Words.BYTES,
            1 + taken * CompletionEventRing.ENTRY_BYTES,
            MOST_ENTRIES);
    DeviceEvents events =
        new DeviceEvents(
            talker,
            talker.generation,
            control,
            new StillLoop(),
            talker.ccq(control, talker.memory((long) CCQ_ENTRIES * CompletionEntry.BYTES)),
            new CompletionEventRing(ceq),
            new AsyncEventRing(talker.generation, aeq, talker.window));
    List<Listener> listeners = List.of(new Listener(), new Listener());
    events.add(1, 2, listeners.getFirst());
    events.add(2, 4, listeners.getLast());
    events.service();
    int[] counts = listeners.stream().mapToInt(each -> each.count).toArray();
    assertThat(Arrays.stream(counts).sum()).isLessThanOrEqualTo(taken + 2 * aeqes);
    events.service();
    int failures = control.breakdown().reason() == null ? 0 : 1;
    assertThat(talker.failing).isEqualTo(failures);
    for (int i = 0; i < counts.length; i++) {
      assertThat(listeners.get(i).count).isEqualTo(counts[i]);
      assertThat(listeners.get(i).failures).isEqualTo(failures);
    }
    control.close();
  }

  /**
   * 256 octets: the context that was loaded. Then changes to it: which octet, and eight that are
   * added without carry. It is this connection's and at rest, or it is refused.
   */
  @FuzzTest
  void contexts(byte[] bytes) {
    byte[] loaded = Arrays.copyOf(bytes, QpContext.BYTES);
    byte[] uploaded = loaded.clone();
    for (int at = QpContext.BYTES; at + CHANGE_BYTES <= bytes.length; at += CHANGE_BYTES) {
      int where = Byte.toUnsignedInt(bytes[at]) & -Long.BYTES;
      ByteBuffer word = ByteBuffer.wrap(uploaded);
      word.putLong(where, word.getLong(where) ^ ByteBuffer.wrap(bytes).getLong(at + 1));
    }
    IdleWindow window = new IdleWindow(Generation.X722);
    MemorySegment then = window.allocate(QpContext.BYTES, QpContext.BYTES).segment();
    MemorySegment now = window.allocate(QpContext.BYTES, QpContext.BYTES).segment();
    then.copyFrom(MemorySegment.ofArray(loaded));
    now.copyFrom(MemorySegment.ofArray(uploaded));
    UploadedContext context;
    try {
      context = new UploadedContext(now, then, 0);
    } catch (CommandException e) {
      assertThat(e).hasMessageContaining("[").hasMessageContaining("expected");
      return;
    }
    context.describe(IwarpConnectionDescriptor.builder());
    assertThat(context.sndMax()).isBetween(0L, 0xFFFF_FFFFL);
    assertThat(context.rcvNxt()).isBetween(0L, 0xFFFF_FFFFL);
  }

  /** Two octets: a code of an event. Then the packet. */
  @FuzzTest
  void packets(byte[] bytes) {
    if (bytes.length < 2) {
      return;
    }
    MemorySegment q2 = new IdleWindow(Generation.X722).allocate(QueueSizes.Q2_BYTES, 64).segment();
    int count = Math.min(bytes.length - 2, QueueSizes.Q2_BYTES - BadFrame.OFFSET);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 2, q2, BadFrame.OFFSET, count);
    int code = ByteBuffer.wrap(bytes).getShort() & 0xFFF;
    BadFrame frame = BadFrame.in(q2);
    TerminateCause cause =
        TerminateCause.of(new DeviceEvent(code, false, 5, true, false, true), frame);
    assertThat(cause.layer()).isBetween(0, 2);
    assertThat(cause.reason()).isNotBlank();
    Terminate terminate = frame == null ? null : frame.terminate();
    if (terminate != null) {
      assertThat(terminate.headers().length()).isLessThanOrEqualTo(MOST_HEADERS_BYTES);
      assertThat(
              BadFrame.isAbout(terminate, true, code) && BadFrame.isAbout(terminate, false, code))
          .isFalse();
    }
  }

  /** Counts what it is told. */
  private static final class Listener implements DeviceListener {
    private int count;
    private int failures;

    @Override
    public void happened(DeviceEvent event) {
      assertThat(event.toString()).contains("[");
      assertThat(TerminateCause.of(event, null).reason()).isNotBlank();
      count++;
    }

    @Override
    public void eventsLost() {
      count++;
    }

    @Override
    public void completed() {
      count++;
    }

    @Override
    public void deviceFailed(String reason) {
      assertThat(reason).contains("[");
      failures++;
    }
  }

  /** A device that says what the input says, and a clock that stands still. */
  private static final class Talker implements DriverContext, RnicEvents {
    private final byte[] bytes;
    private final Generation generation;
    private final IdleWindow window;
    private long now;
    private int failing;

    Talker(byte[] bytes) {
      this.bytes = bytes;
      this.generation = Generation.all().get(first() & 1);
      this.window = new IdleWindow(generation);
    }

    int first() {
      return bytes.length == 0 ? 0 : bytes[0];
    }

    MemorySegment memory(long sizeBytes) {
      return window.allocate(sizeBytes, 4096).segment();
    }

    ControlQueue control(MemorySegment completions) throws RnicException {
      ControlQueue control =
          ControlQueue.open(this, generation, TIMEOUT_NANOS, new Breakdown(this));
      control.completeIn(ccq(control, completions));
      return control;
    }

    ControlCompletionRing ccq(ControlQueue control, MemorySegment completions) {
      return new ControlCompletionRing(
          generation, completions, memory(CompletionEntry.SHADOW_BYTES), 0, control.ring(), window);
    }

    /** Entries of the input behind its first octets, all of them valid; returns how many. */
    int fill(MemorySegment ring, int entryBytes, int validWord, int skipped, int most) {
      int from = Math.min(1 + skipped, bytes.length);
      int entries = Math.min(most, (bytes.length - from) / entryBytes);
      MemorySegment.copy(MemorySegment.ofArray(bytes), from, ring, 0, (long) entries * entryBytes);
      for (int i = 0; i < entries; i++) {
        long at = (long) i * entryBytes + validWord;
        Words.put(ring, at, Words.get(ring, at) | Long.MIN_VALUE);
      }
      return entries;
    }

    @Override
    public void failing(String reason) {
      assertThat(reason).contains("expected");
      failing++;
    }

    @Override
    public Device device() {
      return generation.isFirst() ? new X722Factory().device() : new E810Factory().device();
    }

    @Override
    public DeviceWindow window() {
      return window;
    }

    @Override
    public StreamPorts streams() {
      throw new IllegalStateException("an adapter");
    }

    @Override
    public EventLoops eventLoops() {
      return StillLoop::new;
    }

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public System.Logger logger() {
      return System.getLogger(SILENT.getName());
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public RnicEvents events() {
      return this;
    }
  }

  /** Runs nothing. */
  private static final class StillLoop implements EventLoop {
    @Override
    public void execute(Runnable task) {}

    @Override
    public Timer schedule(long deadlineNanos, Runnable task) {
      return () -> {};
    }
  }
}
