package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.RecordedFaults;
import dev.offramp.models.intel.IntelFaults;
import dev.offramp.models.intel.IntelResources;
import dev.offramp.models.intel.Violation;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.RnicException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that can go wrong in the device, at many of the times that it can: in which state that
 * ends, that each request has one completion, and that nothing is left. docs/intel.md has the same
 * table.
 */
final class DeviceErrorsTest {
  private static final int MOST_TURNS = 12;

  /**
   * Major and minor codes: the device's own, a queue's, a minor code of none, and those of which
   * irdma makes something (irdma_sc_ccq_get_cqe_info, noncrit_err_list).
   */
  private static final long[] COMMAND_ERRORS = {
    0xFFFF_0001L, 0xFFFF_0002L, 0x0001_0007L, 0xFFFF_8029L, 0xFFFF_802EL, 0xFFFF_8006L, 0x8000_0001L
  };

  /** What docs/intel.md says of each place. */
  private static final Map<String, Documented> DOCUMENTED = documented();

  /**
   * One row of the table.
   *
   * @param outcomes how far a connection's life comes, as {@link Scenario} has it
   * @param needsReset whether the device no longer listens, and keeps what it has
   * @param misled rules of the queues that the driver may break because the device lies
   */
  private record Documented(Set<String> outcomes, boolean needsReset, Set<String> misled) {}

  private static Map<String, Documented> documented() {
    Map<String, Documented> rows = new HashMap<>();
    DocumentedTable.below("| place | how far it comes | then | misled |")
        .forEach((place, cells) ->
            rows.put(
                place,
                new Documented(
                    Set.of(cells.get(0).split(", ")),
                    cells.get(1).equals("reset"),
                    Set.of(cells.get(2).split(", ")))));
    return rows;
  }

  @ParameterizedTest
  @MethodSource("dev.offramp.provider.intel.Bench#kinds")
  @Timeout(value = 900, unit = TimeUnit.SECONDS)
  void eachErrorEndsAsDocumented(AdapterModelFactory kind) throws Exception {
    Map<String, Set<String>> seen = new TreeMap<>();
    List<String> places = new ArrayList<>(IntelFaults.places());
    places.addAll(ModelWindow.faultPlaces());
    int runs = 0;
    for (MpaRole role : MpaRole.values()) {
      Map<String, Integer> passed = passedBy(kind, role);
      for (String place : places) {
        for (int turn : turns(passed.getOrDefault(place, 0))) {
          runs++;
          try {
            seen.computeIfAbsent(place, none -> new TreeSet<>()).add(live(kind, role, place, turn));
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("%s, %s, time %d".formatted(role, place, turn), e);
          }
        }
      }
    }
    System.out.printf(
        "%s: %d lives, each with one error of the device, at %d places%n",
        kind.device().name(), runs, seen.size());
    List<String> undocumented = new ArrayList<>();
    for (var place : seen.entrySet()) {
      Documented documented = DOCUMENTED.get(place.getKey());
      if (documented == null || !documented.outcomes().containsAll(place.getValue())) {
        undocumented.add(place.toString());
      }
    }
    assertThat(undocumented).isEmpty();
    // What no life passes by has no test here; see DepartureTest for what a hand-back does.
    assertThat(places.stream().filter(place -> !seen.containsKey(place)))
        .allMatch(place -> !DOCUMENTED.containsKey(place) || place.endsWith("-mac"));
  }

  private static Map<String, Integer> passedBy(AdapterModelFactory kind, MpaRole role)
      throws Exception {
    RecordedFaults recorded = new RecordedFaults();
    try (Bench bench = new Bench(kind, recorded, window -> window)) {
      assertThat(new Scenario(bench, role, 40_001).live()).isEqualTo("done");
      bench.closeClean();
    }
    return recorded.seen();
  }

  /** The first few, and some of the rest. */
  private static Set<Integer> turns(int all) {
    Set<Integer> some = new TreeSet<>();
    for (int i = 1; i <= MOST_TURNS; i++) {
      some.add(Math.max(1, (int) ((long) all * i / MOST_TURNS)));
    }
    some.add(2);
    some.removeIf(turn -> turn > all);
    return some;
  }

  /** A register that cannot be read gives all ones; commands fail with one code or another. */
  private static long valueFor(String place, int turn) {
    if (place.equals(ModelWindow.READ)) {
      return -1;
    }
    return place.startsWith("intel.command.") ? COMMAND_ERRORS[turn % COMMAND_ERRORS.length] : 1;
  }

  /** A device that fails says so once; one that refuses something, or never came up, does not. */
  private static void requireToldOf(List<String> failing, Bench bench, String how)
      throws RnicException {
    String failure = how.equals("not opened") ? null : bench.rnic().adapter().failure();
    assertThat(failing).hasSize(failure == null ? 0 : 1);
    assertThat(failing).allMatch(reason -> reason.contains("expected"));
    // What came of it is known only later.
    assertThat(failing).allMatch(reason -> String.valueOf(failure).startsWith(seenIn(reason)));
  }

  private static String seenIn(String reason) {
    return reason.substring(0, reason.lastIndexOf("; "));
  }

  private static String live(AdapterModelFactory kind, MpaRole role, String place, int turn)
      throws Exception {
    Bench[] benches = new Bench[1];
    Documented documented =
        DOCUMENTED.getOrDefault(place, new Documented(Set.of(), true, Set.of()));
    OneFault fault = new OneFault(place, turn, valueFor(place, turn), () -> benches[0].hurry());
    List<String> failing = new CopyOnWriteArrayList<>();
    try (Bench bench = new Bench(kind, fault, window -> window)) {
      benches[0] = bench;
      bench.tell(
          new RnicEvents() {
            @Override
            public void failing(String reason) {
              failing.add(reason);
            }
          });
      String how = new Scenario(bench, role, 40_001).live();
      requireToldOf(failing, bench, how);
      bench.closeRnic();
      bench.settle();
      fault.disarm();
      assertThat(bench.window.memory().open()).isEmpty();
      List<Violation> broken = bench.model().violations();
      assertThat(broken)
          .allMatch(
              rule -> documented.misled().contains(rule.kind().name()), "rules broken: " + broken);
      if (!documented.needsReset()) {
        assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
        assertThat(bench.link.claimCount()).isZero();
        // The device is as good as new.
        assertThat(new Scenario(bench, role, 40_002).live()).isEqualTo("done");
        bench.closeClean(broken.size());
      }
      assertThat(bench.modelLoop.failures()).isEmpty();
      assertThat(bench.driverLoop.failures()).isEmpty();
      return how;
    }
  }
}
