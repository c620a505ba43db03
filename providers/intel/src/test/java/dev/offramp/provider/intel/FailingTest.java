package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.intel.IntelFaults;
import dev.offramp.provider.intel.ring.EventCode;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever moves connections off failing devices hears of each failure: once, before the connections
 * end, and while the driver can be asked.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class FailingTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";
  private static final int FIRST_QP = 3;

  /** What makes the device fail. */
  private interface Failure {
    void strike(Bench bench, Bench.Pair pair) throws Exception;
  }

  /** Listens, and has another thread look at the device meanwhile. */
  private static final class Listener implements RnicEvents {
    private final Bench bench;
    private final List<String> reasons = new CopyOnWriteArrayList<>();
    private final List<StreamEnd> ends = new CopyOnWriteArrayList<>();
    private volatile int endsBefore = -1;
    private volatile boolean answered;

    Listener(Bench bench) {
      this.bench = bench;
    }

    @Override
    public void failing(String reason) {
      endsBefore = ends.size();
      reasons.add(reason);
      CompletableFuture.runAsync(this::look).orTimeout(30, TimeUnit.SECONDS).join();
    }

    private void look() {
      try {
        Adapter adapter = bench.rnic().adapter();
        adapter.control().drain();
        answered = adapter.failure() != null;
      } catch (RnicException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void ended(RdmaConnection connection, StreamEnd end) {
      ends.add(end);
    }
  }

  private static String reasonOf(AdapterModelFactory kind, Faults faults, Failure failure)
      throws Exception {
    try (Bench bench = new Bench(kind, faults, window -> window)) {
      Listener listener = new Listener(bench);
      bench.tell(listener);
      Bench.Pair first =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result());
      Bench.Pair second =
          bench.move(
              bench.connection().ports(7471, 40_002).build(),
              Agreement.of(MpaRole.INITIATOR).result());
      new Exchange(first).sends();
      assertThat(listener.reasons).isEmpty();
      bench.hurry();
      failure.strike(bench, first);
      while (first.connection().end().isEmpty() || second.connection().end().isEmpty()) {
        assertThat(first.connection().completions().poll()).isEmpty();
        Thread.onSpinWait();
      }
      // One more reason for what has failed already.
      bench.window.unplug();
      bench.rnic().adapter().events().checkHealth();
      first.close();
      second.close();
      bench.closeRnic();
      bench.settle();
      assertThat(listener.endsBefore).isZero();
      assertThat(listener.answered).isTrue();
      assertThat(listener.ends).hasSize(2).allMatch(end -> end instanceof StreamEnd.Failed);
      assertThat(bench.window.memory().open()).isEmpty();
      assertThat(bench.driverLoop.failures()).isEmpty();
      assertThat(listener.reasons).hasSize(1);
      return listener.reasons.getFirst();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void theAdapterIsGone(AdapterModelFactory kind) throws Exception {
    assertThat(reasonOf(kind, Faults.NONE, (bench, pair) -> bench.window.unplug()))
        .contains("[ffffffff], expected [00000000]");
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void theDeviceSaysSo(AdapterModelFactory kind) throws Exception {
    assertThat(
            reasonOf(
                kind,
                Faults.NONE,
                (bench, pair) ->
                    bench.model().raiseEvent(FIRST_QP, EventCode.LCE_FUNCTION_CATASTROPHIC)))
        .contains("of the whole function, expected none");
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void theEngineHasStopped(AdapterModelFactory kind) throws Exception {
    assertThat(afterCommand(kind, IntelFaults.CRITICAL_ERROR)).contains("expected");
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aCommandIsNotAnswered(AdapterModelFactory kind) throws Exception {
    assertThat(afterCommand(kind, IntelFaults.CONTROL_SILENT))
        .contains("was not answered within", "expected");
  }

  /** The place fails from the next command on. */
  private static String afterCommand(AdapterModelFactory kind, String place) throws Exception {
    AtomicReference<String> failing = new AtomicReference<>("");
    return reasonOf(
        kind,
        where -> where.equals(failing.get()) ? 1 : Faults.NO_FAULT,
        (bench, pair) -> {
          failing.set(place);
          assertThatThrownBy(() -> pair.connection().allocate(10))
              .isInstanceOf(IllegalStateException.class);
        });
  }

  /** Nothing lives on a device that does not come up: who opens it is told, and nobody else. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void oneThatDoesNotComeUpHasNothingToMove(AdapterModelFactory kind) {
    Faults silent = where -> where.equals(IntelFaults.CONTROL_SILENT) ? 1 : Faults.NO_FAULT;
    try (Bench bench = new Bench(kind, silent, window -> window)) {
      Listener listener = new Listener(bench);
      bench.tell(listener);
      bench.hurry();
      assertThatThrownBy(bench::rnic).isInstanceOf(RnicException.class);
      assertThat(listener.reasons).isEmpty();
    }
  }
}
