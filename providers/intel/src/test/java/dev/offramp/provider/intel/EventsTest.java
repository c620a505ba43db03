package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.intel.IntelResources;
import dev.offramp.provider.intel.ring.EventCode;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every asynchronous event of the device, at a connection that is well. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class EventsTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";
  private static final int FIRST_QP = 3;

  /**
   * The device says it in the first; whoever polls hears it, unless the loop is at it just then.
   */
  private static final int LOOKS = 20;

  private static final int UNKNOWN = 0x7F0;
  private static final int BEYOND = 0xFFF;

  @ParameterizedTest
  @MethodSource(KINDS)
  void eachEventEndsAsDocumented(AdapterModelFactory kind) throws Exception {
    Map<String, Integer> codes = new TreeMap<>();
    for (Field constant : EventCode.class.getFields()) {
      codes.put(constant.getName(), constant.getInt(null));
    }
    codes.put("unknown", UNKNOWN);
    codes.put("beyond", BEYOND);
    Map<String, TreeSet<String>> seen = new TreeMap<>();
    for (var code : codes.entrySet()) {
      String end;
      try {
        end = endAfter(kind, code.getValue());
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(code.toString(), e);
      }
      seen.computeIfAbsent(end, none -> new TreeSet<>()).add(code.getKey());
    }
    Map<String, TreeSet<String>> documented = new TreeMap<>();
    DocumentedTable.below("| the stream ends as | after |")
        .forEach((end, cells) ->
            documented.put(
                end, new TreeSet<>(List.of(cells.getFirst().replace("`", "").split(", ")))));
    assertThat(seen).isEqualTo(documented);
  }

  private static String endAfter(AdapterModelFactory kind, int code) throws Exception {
    try (Bench bench = new Bench(kind)) {
      Bench.Pair pair =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result());
      Exchange exchange = new Exchange(pair);
      exchange.sends();
      bench.model().raiseEvent(FIRST_QP, code);
      for (int i = 0; i < LOOKS && pair.connection().end().isEmpty(); i++) {
        bench.settle();
        assertThat(pair.connection().completions().poll()).isEmpty();
      }
      String end = pair.connection().end().map(EventsTest::name).orElse("goes on");
      bench.hurry();
      if (end.equals("goes on")) {
        exchange.writes();
        pair.connection().post(new Receive(1, exchange.in.whole()));
      }
      pair.close();
      bench.closeRnic();
      assertThat(bench.window.memory().open()).isEmpty();
      if (code != EventCode.LCE_FUNCTION_CATASTROPHIC) {
        assertThat(bench.model().violations()).isEmpty();
        assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
        assertThat(bench.link.claimCount()).isZero();
      }
      assertThat(bench.modelLoop.failures()).isEmpty();
      assertThat(bench.driverLoop.failures()).isEmpty();
      return end;
    }
  }

  private static String name(StreamEnd end) {
    if (end instanceof StreamEnd.TerminatedLocally(Terminate terminate, var reason)) {
      assertThat(reason).isNotBlank();
      return "TerminatedLocally %d/%d/%02x"
          .formatted(terminate.layer(), terminate.type(), terminate.code());
    }
    return end.getClass().getSimpleName();
  }

  /** A thread that was about to look at the queues when they went. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void aClosedRnicIsNotLookedAt(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      DeviceEvents events = bench.rnic().adapter().events();
      bench.closeRnic();
      events.service();
      events.checkHealth();
      bench.closeClean();
    }
  }
}
