package dev.offramp.cli.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.linux.net.NetworkNamespace;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * X722 and E810 that answer nothing any more when they have let go of a connection: their function
 * is reset, so that they have the peer's segments no longer, and the connection goes on behind them
 * with all of its data. As models, on real kernels and with work under way at both ends. Needs root
 * or {@code unshare -Urn}.
 */
class SilentAdapterIT {
  private static final String IGNORED = "intel.control.ignored";

  static Stream<Arguments> movesToPlacesBehind() {
    return Stream.of(MatrixOwner.X722, MatrixOwner.E810)
        .flatMap(from ->
            Stream.of(MatrixOwner.values())
                .filter(to -> to != MatrixOwner.DETACHED)
                .map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("movesToPlacesBehind")
  @Timeout(120)
  void aConnectionThatHasMovedGoesOn(MatrixOwner from, MatrixOwner to) throws Exception {
    FaultPage page = new FaultPage();
    try (NetworkNamespace host = NetworkNamespace.create()) {
      host.call(() -> {
        try (MatrixWorld world = MatrixWorld.open()) {
          new FaultSuite(world, page).run(from, to, faults -> released(from, faults));
        }
        return true;
      });
    }
    assertThat(page.wrong()).isEmpty();
    assertThat(page.cases()).isOne();
    assertThat(page.outcomes()).containsExactly("moved, alive with all data");
  }

  private static List<Fault> released(MatrixOwner from, List<Fault> faults) {
    return faults.stream()
        .filter(each -> each.where().equals(IGNORED))
        .filter(each -> each.device().equals(from.label()) && each.later())
        .toList();
  }
}
