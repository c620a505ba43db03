package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.ModelWindow;
import dev.offramp.models.RecordedFaults;
import dev.offramp.models.intel.IntelFaults;
import dev.offramp.models.intel.IntelResources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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

  /** How far a connection's life comes; the device's own part of it is in {@link Scenario}. */
  private static final Map<String, Set<String>> OUTCOMES =
      """
      intel.registers.all-ones | any
      intel.critical-error | any
      intel.control.create | not opened
      intel.control.create-silent | not opened
      intel.control.generation | not opened
      intel.control.doorbell | done
      intel.control.silent | any
      intel.control.ignored | any
      intel.control.valid-bit | any
      intel.control.twice | done
      intel.control.index | any
      intel.control.context | done
      intel.doorbell | done
      intel.cqe.lost | ended Failed, silent
      intel.cqe.valid-bit | silent
      intel.cqe.twice | ended Failed, done
      intel.cqe.dead-qp | ended Failed, silent
      intel.cqe.index | ended Failed
      intel.cqe.error | ended Failed
      intel.cqe.opcode | done
      intel.cqe.overflow | ended Failed
      intel.event | ended TerminatedLocally
      intel.event.lost | done
      intel.event.valid-bit | done
      intel.event.dead-qp | done
      intel.event.overflow | done
      intel.ceqe.lost | done
      intel.ceqe.context | done
      intel.interrupt | done
      intel.load | not activated
      intel.command.query-fpm | not opened
      intel.command.commit-fpm | not opened
      intel.command.update-pe-sds | not opened, done
      intel.command.create-ceq | not opened
      intel.command.create-aeq | not opened
      intel.command.create-cq | not opened, not prepared
      intel.command.create-qp | not opened, not prepared
      intel.command.allocate-mac | not prepared
      intel.command.manage-mac | not prepared, done
      intel.command.manage-arp | not prepared, done
      intel.command.manage-apbvt | not prepared, done
      intel.command.manage-quad-hash | not prepared
      intel.command.modify-qp | not activated, done
      intel.command.reg-mr | not prepared, no memory registered
      intel.command.dealloc-stag | done
      intel.command.flush-wqes | done
      intel.command.destroy-qp | done
      intel.command.destroy-cq | done
      intel.command.destroy-ceq | done
      intel.command.destroy-aeq | done
      window.gone | any
      window.allocate | not opened, not prepared
      window.map | no memory registered
      window.interrupt | done
      window.write | not opened, done
      window.read | not opened, done
      """
          .lines()
          .map(line -> line.split(" \\| "))
          .collect(Collectors.toMap(line -> line[0], line -> Set.of(line[1].split(", "))));

  /** After these the device no longer listens: what it had is gone only with its reset. */
  private static final Set<String> NEED_RESET =
      Set.of(
          "intel.registers.all-ones",
          "intel.critical-error",
          "intel.control.silent",
          "intel.control.ignored",
          "intel.control.valid-bit",
          "intel.control.index",
          "window.gone");

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
            seen.computeIfAbsent(place, none -> new TreeSet<>())
                .add(live(kind, role, place, turn));
          } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("%s, %s, time %d".formatted(role, place, turn), e);
          }
        }
      }
    }
    System.out.printf(
        "%s: %d lives, each with one error of the device, at %d places%n",
        kind.device().name(), runs, seen.size());
    for (String place : seen.keySet()) {
      Set<String> expected = OUTCOMES.get(place);
      assertThat(expected).as(place).isNotNull();
      if (!expected.contains("any")) {
        assertThat(expected).as(place).containsAll(seen.get(place));
      }
    }
    // What no life passes by has no test here; see DepartureTest for what a hand-back does.
    assertThat(places.stream().filter(place -> !seen.containsKey(place)))
        .allMatch(place -> !OUTCOMES.containsKey(place) || place.endsWith("-mac"));
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

  private static String live(AdapterModelFactory kind, MpaRole role, String place, int turn)
      throws Exception {
    Bench[] benches = new Bench[1];
    OneFault fault = new OneFault(place, turn, 1, () -> benches[0].hurry());
    try (Bench bench = new Bench(kind, fault, window -> window)) {
      benches[0] = bench;
      String how = new Scenario(bench, role, 40_001).live();
      bench.closeRnic();
      assertThat(bench.window.memory().open()).isEmpty();
      if (!NEED_RESET.contains(place)) {
        assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
        assertThat(bench.link.claimCount()).isZero();
        // The device is as good as new.
        assertThat(new Scenario(bench, role, 40_002).live()).isEqualTo("done");
        bench.closeClean();
      }
      assertThat(bench.modelLoop.failures()).isEmpty();
      assertThat(bench.driverLoop.failures()).isEmpty();
      return how;
    }
  }
}
