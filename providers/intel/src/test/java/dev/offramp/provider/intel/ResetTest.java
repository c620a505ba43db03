package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.intel.IntelFaults;
import dev.offramp.models.intel.IntelResources;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DeviceWindow;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A device that answers nothing any more is reset: after whom it concerns has been told. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ResetTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";

  /** What happens, in its order, and what is to happen. */
  private static final class Stage implements RnicEvents, AutoCloseable {
    private final List<String> story = new CopyOnWriteArrayList<>();
    private final List<String> reasons = new CopyOnWriteArrayList<>();
    private final boolean resets;
    private final Registers registers;
    final Bench bench;

    /** How many commands are still carried out. */
    private int answered = Integer.MAX_VALUE;

    private volatile boolean deaf;
    private @Nullable Runnable atReset;

    /** A platform that can reset functions, or cannot. */
    Stage(AdapterModelFactory kind, boolean resets) {
      this.resets = resets;
      this.registers =
          (kind.device().name().equals("x722") ? Generation.X722 : Generation.E810).registers();
      this.bench = new Bench(kind, this::fault, Window::new).tell(this);
    }

    private synchronized long fault(String place) {
      if (!place.equals(IntelFaults.CONTROL_IGNORED)) {
        return Faults.NO_FAULT;
      }
      if (answered > 0) {
        answered--;
        return Faults.NO_FAULT;
      }
      return 1;
    }

    /** From the nth command on there is no answer. */
    synchronized void ignore(int nth) {
      answered = nth - 1;
      bench.hurry();
    }

    synchronized void answer() {
      answered = Integer.MAX_VALUE;
    }

    Bench.Pair connect(int peerPort) throws Exception {
      MpaResult mpa = Agreement.of(MpaRole.INITIATOR).depths(0, 0).result();
      Bench.Pair pair = bench.move(bench.connection().ports(7471, peerPort).build(), mpa);
      new Exchange(pair).sends();
      return pair;
    }

    @Override
    public void failing(String reason) {
      story.add("told");
      reasons.add(reason);
    }

    @Override
    public void ended(RdmaConnection connection, StreamEnd end) {
      story.add(end instanceof StreamEnd.Failed ? "failed" : end.toString());
    }

    String failure() throws RnicException {
      return Objects.requireNonNull(bench.rnic().adapter().failure());
    }

    @Override
    public void close() {
      bench.close();
    }

    /** Tells of a reset, with what the driver and the device have then. */
    private final class Window extends ForwardingWindow {
      Window(DeviceWindow window) {
        super(window);
      }

      @Override
      public void write32(int bar, long offset, int value) {
        if (!deaf || (offset != registers.ccqpLow() && offset != registers.ccqpHigh())) {
          super.write32(bar, offset, value);
        }
      }

      @Override
      public boolean reset() {
        assertThat(bench.window.memory().open()).as("memory before the reset").isNotEmpty();
        if (atReset != null) {
          CompletableFuture.runAsync(atReset).orTimeout(30, TimeUnit.SECONDS).join();
        }
        boolean done = resets && super.reset();
        story.add(done ? "reset" : "not reset");
        return done;
      }
    }
  }

  private static void breakDown(Bench.Pair pair) {
    assertThatThrownBy(() -> pair.connection().allocate(10))
        .isInstanceOf(IllegalStateException.class);
  }

  /** Nobody looks at the connections: they hear of it all the same. */
  private static void awaitStory(Stage stage, String... story) {
    while (stage.story.size() < story.length) {
      Thread.onSpinWait();
    }
    assertThat(stage.story).containsExactly(story);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whoMovesConnectionsIsToldThenItIsResetThenTheyEnd(AdapterModelFactory kind)
      throws Exception {
    try (Stage stage = new Stage(kind, true)) {
      Bench bench = stage.bench;
      bench.rnic();
      int own = bench.window.memory().open().size();
      Bench.Pair first = stage.connect(40_001);
      Bench.Pair second = stage.connect(40_002);
      // Whoever looks meanwhile waits for nobody.
      stage.atReset =
          () -> {
            try {
              bench.rnic().adapter().control().drain();
              bench.rnic().adapter().events().service();
              assertThat(second.connection().completions().poll()).isEmpty();
              assertThat(second.connection().end()).isEmpty();
              breakDown(second);
              assertThat(bench.link.claimCount()).isEqualTo(2);
            } catch (RnicException e) {
              throw new AssertionError(e);
            }
          };
      stage.ignore(1);
      long segments = bench.link.segmentCount();
      breakDown(first);
      awaitStory(stage, "told", "reset", "failed", "failed");
      assertThat(stage.reasons.getFirst()).endsWith("; its function is about to be reset");
      assertThat(stage.failure()).endsWith("valid bit; its function has been reset");
      assertThat(first.connection().end()).get().isEqualTo(new StreamEnd.Failed(stage.failure()));
      assertThat(bench.link.claimCount()).isZero();
      assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
      assertThat(bench.link.segmentCount()).as("said to the peers").isEqualTo(segments);
      first.close();
      second.close();
      bench.settle();
      // What a device might still write to need not be kept.
      assertThat(bench.window.memory().open()).hasSize(own);
      bench.closeClean();
      assertThat(stage.story).hasSize(4);

      stage.answer();
      assertThat(new Scenario(bench, MpaRole.RESPONDER, 40_003).live()).isEqualTo("done");
      bench.closeClean();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whereNobodyCanResetItMemoryIsKept(AdapterModelFactory kind) throws Exception {
    try (Stage stage = new Stage(kind, false)) {
      Bench bench = stage.bench;
      bench.rnic();
      int own = bench.window.memory().open().size();
      Bench.Pair pair = stage.connect(40_001);
      stage.ignore(1);
      breakDown(pair);
      awaitStory(stage, "told", "not reset", "failed");
      assertThat(stage.failure()).endsWith(": reset the adapter");
      assertThat(bench.link.claimCount()).isOne();
      pair.close();
      bench.settle();
      assertThat(bench.window.memory().open()).hasSizeGreaterThan(own);
      bench.closeRnic();
      assertThat(bench.window.memory().open()).isEmpty();
      assertThat(stage.story).as("tried once").hasSize(3);
    }
  }

  /** SUSPEND_QP, and UPLOAD_CONTEXT: the connection is nobody's, and both ends can know. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatCannotLeaveIsLost(AdapterModelFactory kind) throws Exception {
    for (boolean resets : List.of(true, false)) {
      for (int command : List.of(1, 2)) {
        try (Stage stage = new Stage(kind, resets)) {
          Bench.Pair pair = stage.connect(40_001);
          stage.ignore(command);
          assertThatExceptionOfType(TransferException.class)
              .isThrownBy(() -> stage.bench.rnic().depart(pair.connection()))
              .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST))
              .withMessageContaining(command == 1 ? "SUSPEND_QP" : "UPLOAD_CONTEXT")
              .withMessageContaining(resets ? "has been reset" : "reset the adapter");
          assertThat(pair.connection().end()).get().isInstanceOf(StreamEnd.Failed.class);
          assertThat(stage.story).containsExactly("told", resets ? "reset" : "not reset", "failed");
          assertThat(stage.bench.link.claimCount()).isEqualTo(resets ? 0 : 1);
          pair.close();
          stage.bench.closeRnic();
          assertThat(stage.bench.window.memory().open()).isEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatCannotGoOnIsLost(AdapterModelFactory kind) throws Exception {
    try (Stage stage = new Stage(kind, true)) {
      Bench.Pair pair = stage.connect(40_001);
      Departure departure = stage.bench.rnic().depart(pair.connection());
      stage.ignore(1);
      assertThatExceptionOfType(TransferException.class)
          .isThrownBy(departure::resume)
          .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST));
      assertThat(pair.connection().end()).get().isInstanceOf(StreamEnd.Failed.class);
      assertThat(stage.story).containsExactly("told", "reset", "failed");
      pair.close();
      stage.bench.closeClean();
    }
  }

  /** It lives at its next owner: its segments are not the device's, and it has not ended. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatHasLeftGoesOnElsewhere(AdapterModelFactory kind) throws Exception {
    try (Stage stage = new Stage(kind, true)) {
      Bench.Pair pair = stage.connect(40_001);
      Departure departure = stage.bench.rnic().depart(pair.connection());
      stage.ignore(1);
      long segments = stage.bench.link.segmentCount();
      departure.release();
      assertThat(stage.story).containsExactly("told", "reset");
      assertThat(stage.bench.link.claimCount()).isZero();
      assertThat(stage.bench.link.segmentCount()).isEqualTo(segments);
      stage.bench.closeClean();
    }
  }

  /** Another connection's command breaks the device: one that is described may still leave. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatIsLeavingHasNotEnded(AdapterModelFactory kind) throws Exception {
    for (boolean leaves : List.of(true, false)) {
      try (Stage stage = new Stage(kind, true)) {
        Bench.Pair leaving = stage.connect(40_001);
        Bench.Pair other = stage.connect(40_002);
        Departure departure = stage.bench.rnic().depart(leaving.connection());
        stage.ignore(1);
        breakDown(other);
        awaitStory(stage, "told", "reset", "failed");
        assertThat(other.connection().end()).isPresent();
        if (leaves) {
          departure.release();
          assertThat(stage.story).hasSize(3);
        } else {
          assertThatExceptionOfType(TransferException.class)
              .isThrownBy(departure::resume)
              .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST));
          assertThat(stage.story).hasSize(4).endsWith("failed");
          leaving.close();
        }
        other.close();
        stage.bench.closeClean();
      }
    }
  }

  /** None of its connections is there to be moved. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatFailsWhileItIsClosedIsReset(AdapterModelFactory kind) throws Exception {
    try (Stage stage = new Stage(kind, true)) {
      stage.connect(40_001).close();
      stage.ignore(1);
      stage.bench.closeClean();
      assertThat(stage.story).endsWith("reset").doesNotContain("told");
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatKeepsItsControlQueueIsReset(AdapterModelFactory kind) throws Exception {
    try (Stage stage = new Stage(kind, true)) {
      stage.bench.rnic();
      stage.deaf = true;
      stage.bench.hurry();
      stage.bench.closeClean();
      assertThat(stage.story).containsExactly("reset");
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatFailsWhileItComesUpIsReset(AdapterModelFactory kind) throws Exception {
    for (int command : List.of(1, 4, 7)) {
      try (Stage stage = new Stage(kind, true)) {
        stage.ignore(command);
        assertThatExceptionOfType(RnicException.class)
            .isThrownBy(stage.bench::rnic)
            .withMessageContaining("its function has been reset");
        stage.bench.closeClean();
        assertThat(stage.story).containsExactly("reset");
      }
    }
  }
}
