package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.NthFault;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioFaults;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.RnicException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the device does wrong, and whenever, ends in one of the documented states: the device
 * does not come up, the connection stays with its old owner, the stream ends and says how, or all
 * goes on. Nothing is left behind in any of them.
 */
@Timeout(600)
class FaultSweepTest {
  private static final int BYTES = 4096;
  private static final int[] TIMES = {1, 2, 5};
  private static final long SHORT_MILLIS = 300;

  static Stream<Arguments> faults() {
    List<String> places = new ArrayList<>(ChelsioFaults.all());
    places.addAll(ModelWindow.faultPlaces());
    return places.stream()
        .flatMap(
            place ->
                java.util.Arrays.stream(TIMES).mapToObj(time -> Arguments.of(place, time)));
  }

  @ParameterizedTest(name = "{0}, time {1}")
  @MethodSource("faults")
  void endsInADocumentedState(String place, int time) throws Exception {
    NthFault fault = new NthFault(place, time, valueOf(place));
    Bench bench =
        new Bench(time % 2 == 0 ? ChelsioChip.T5 : ChelsioChip.T6, fault)
            .setting("reply-timeout-millis", SHORT_MILLIS)
            .setting("linger-millis", SHORT_MILLIS);
    try (bench) {
      try {
        bench.open();
      } catch (RnicException e) {
        assertThat(e).hasMessageNotContaining("null");
        assertThat(fault.hasHappened()).isTrue();
        assertThat(bench.memory().leaks()).isEmpty();
        return;
      }
      try (Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
        use(pair);
      } catch (IOException | UncheckedIOException e) {
        assertThat(fault.hasHappened()).as("%s", e).isTrue();
      }
      for (StreamEnd end : bench.ends().values()) {
        assertThat(end).isNotNull();
      }
      assertThat(bench.events()).doesNotContain("ended twice");
      bench.assertLoops();
      bench.rnic().close();
      assertThat(bench.memory().leaks()).as("memory").isEmpty();
      Usage usage = bench.rnic().adapter().usage();
      assertThat(usage.workQueues()).isZero();
      assertThat(usage.completionQueues()).isZero();
      assertThat(usage.stags()).isZero();
      assertThat(usage.pageLists()).isZero();
      assertThat(usage.receiveTables()).isZero();
      assertThat(usage.replies()).isZero();
      assertThat(usage.reads()).isZero();
      assertThat(usage.opens()).isZero();
    }
  }

  /** A Send, a Write, a Read, a Receive; then the end. What cannot be done is not waited for. */
  private static void use(Pair pair) throws Exception {
    Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
    pair.peer().receive(1, far, 0, BYTES);
    pair.host().post(new Receive(1, near.slice(0, 100)));
    pair.host().post(new Send(2, near.slice(100, 10)));
    pair.host().post(new Write(3, near.slice(200, 500), GoldenPeer.advertise(far)));
    pair.host()
        .post(new Read(4, near.slice(1000, 100), GoldenPeer.advertise(far).slice(0, 100)));
    for (int i = 0; i < 3; i++) {
      if (pair.host().completions().poll(Duration.ofMillis(SHORT_MILLIS)).isEmpty()) {
        return;
      }
    }
    if (pair.peer().isRunning()) {
      pair.peer().disconnect();
    }
  }

  private static long valueOf(String place) {
    if (place.contains("request.") || place.contains("command.")) {
      return 22;
    }
    if (place.equals(ChelsioFaults.FIRMWARE_VERSION)) {
      return 0x0201_0000;
    }
    if (place.equals(ChelsioFaults.STREAM_ABORT)) {
      return 20;
    }
    if (place.equals(ChelsioFaults.STREAM_TERMINATE)) {
      return 0x1202_0000;
    }
    return place.equals(ModelWindow.READ) ? -1 : 5;
  }
}
