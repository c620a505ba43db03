package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.models.ModelWindow;
import dev.offramp.models.NthFault;
import dev.offramp.models.RecordedFaults;
import dev.offramp.models.chelsio.ChelsioFaults;
import dev.offramp.models.chelsio.ChelsioFaults.Command;
import dev.offramp.models.chelsio.ChelsioFaults.Damage;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import dev.offramp.provider.chelsio.FaultStory.Scenario;
import dev.offramp.provider.chelsio.wire.FwError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the device does wrong, and whenever, ends in a state that docs/chelsio.md names, and
 * nothing is left behind. A first run of each story says which places it passes, and how often;
 * then each place fails, at its first time, at its last and in between.
 *
 * <p>{@code -Dofframp.chelsio.faults=all} has each place fail with every value that the firmware's
 * headers name, too; everyday runs take one of them.
 */
@Timeout(120)
class FaultSweepTest {
  private static final boolean ALL = "all".equals(System.getProperty("offramp.chelsio.faults"));

  /** Needs no seed: what it chooses is in the test's name. */
  private static final SplittableRandom RANDOM = new SplittableRandom();

  /** The values of CPL_ERR_* (t4_msg.h) that a request or a connection can be answered with. */
  private static final long[] CPL_ERRORS = {
    1, 2, 3, 15, 18, 20, 21, 22, 23, 24, 30, 31, 32, 33, 34, 35, 36, 37, 42, 50
  };

  private static final long[] FW_ERRORS =
      Arrays.stream(FwError.values()).mapToLong(FwError::code).filter(code -> code != 0).toArray();

  private static final long[] T4_ERRORS =
      LongStream.concat(LongStream.rangeClosed(1, 0xB), LongStream.rangeClosed(0x10, 0x1F))
          .toArray();

  private static final Map<Scenario, Map<String, Integer>> PASSED = new TreeMap<>();
  private static final int MOST_TIMES = 600;

  private static final Set<FaultTable.Row> SEEN = new java.util.HashSet<>();

  @SuppressWarnings("NullAway.Init")
  private static FaultTable table;

  @BeforeAll
  static void readTheTable() throws Exception {
    table = FaultTable.read();
  }

  static Stream<Arguments> faults() throws Exception {
    List<Arguments> all = new ArrayList<>();
    for (Scenario scenario : Scenario.values()) {
      passed(scenario)
          .forEach((place, count) -> {
            times(scenario, place, count)
                .filter(time -> time >= 1 && time <= count)
                .distinct()
                .forEach(time -> {
                  for (long value : values(place, time)) {
                    all.add(Arguments.of(scenario, place, (int) time, value));
                  }
                });
          });
    }
    return all.stream();
  }

  /** The first, the last and some between; of what is read until a connection is there, each. */
  private static LongStream times(Scenario scenario, String place, int count) {
    if (scenario == Scenario.ABANDONED && place.equals(ModelWindow.READ)) {
      return LongStream.rangeClosed(1, Math.min(count, MOST_TIMES));
    }
    return LongStream.of(
        1,
        2,
        (count + 1) / 2,
        count - 80,
        count - 60,
        count - 40,
        count - 20,
        count - 10,
        count - 1,
        count);
  }

  private static Map<String, Integer> passed(Scenario scenario) throws Exception {
    Map<String, Integer> known = PASSED.get(scenario);
    if (known == null) {
      RecordedFaults places = new RecordedFaults();
      assertThat(new FaultStory(scenario, places).tell()).as("%s", scenario).isEmpty();
      known = places.seen();
      PASSED.put(scenario, known);
    }
    return known;
  }

  @ParameterizedTest(name = "{0}: {1}, time {2}, value {3}")
  @MethodSource("faults")
  void endsInADocumentedState(Scenario scenario, String place, int time, long value)
      throws Exception {
    NthFault fault = new NthFault(place, time, value);
    Set<String> outcome = new FaultStory(scenario, fault).tell();
    if (!fault.hasHappened()) {
      // Loops look at registers as often as there is time for.
      assertThat(outcome).isEmpty();
      return;
    }
    FaultTable.Row row = table.of(place);
    SEEN.add(row);

    assertThat(row.outcomes()).as("docs/chelsio.md").containsAll(outcome);
  }

  /** Every place of the model is passed, or is known not to be. */
  @Test
  void passesAllPlaces() throws Exception {
    Set<String> places = new TreeSet<>(ChelsioFaults.all());
    places.addAll(ModelWindow.faultPlaces());
    for (Scenario scenario : Scenario.values()) {
      places.removeAll(passed(scenario).keySet());
    }
    assertThat(places).containsExactlyInAnyOrderElementsOf(NOT_PASSED);
  }

  /**
   * Firmware is not asked for these by this driver; and PCIE_FW is read only when the mailbox has
   * failed.
   */
  private static final Set<String> NOT_PASSED =
      new TreeSet<>(
          Stream.concat(
                  Stream.of(
                          Command.LDST,
                          Command.PFVF,
                          Command.EQ_ETH,
                          Command.RSS_IND_TBL,
                          Command.RSS_GLB_CONFIG,
                          Command.RSS_VI_CONFIG)
                      .map(ChelsioFaults::command),
                  Stream.concat(
                      Stream.of(
                          ChelsioFaults.FIRMWARE_ERROR,
                          ChelsioFaults.request(Request.ACT_OPEN_REQ)),
                      Stream.of(Message.ACT_OPEN_RPL, Message.RX_DATA, Message.SGE_EGR_UPDATE)
                          .flatMap(message ->
                              Arrays.stream(Damage.values())
                                  .map(damage -> ChelsioFaults.message(message, damage)))))
              .toList());

  private static long[] values(String place, long time) {
    long[] all = allValues(place);
    if (all.length == 1 || (ALL && time == 1)) {
      return all;
    }
    return new long[] {all[RANDOM.nextInt(all.length)]};
  }

  private static long[] allValues(String place) {
    if (place.startsWith("chelsio.command.")) {
      return FW_ERRORS;
    }
    if (place.startsWith("chelsio.request.")) {
      return place.endsWith("-wr") ? FW_ERRORS : CPL_ERRORS;
    }
    return switch (place) {
      case ChelsioFaults.FIRMWARE_VERSION -> new long[] {0x0201_0000, 0x0001_0000};
      case ChelsioFaults.STREAM_ABORT -> CPL_ERRORS;
      case ChelsioFaults.STREAM_TERMINATE -> new long[] {0x1202_0000, 0x0100_0000, 0x1101_0000};
      case ChelsioFaults.CQE_STATUS, ChelsioFaults.STREAM_ASYNC_ERROR -> T4_ERRORS;
      case ModelWindow.READ -> new long[] {-1};
      default -> new long[] {5};
    };
  }
}
