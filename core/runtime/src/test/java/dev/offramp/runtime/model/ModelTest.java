package dev.offramp.runtime.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The two-phase move, explored to its end: as it is, and with bugs that must be found. */
@Timeout(900)
class ModelTest {
  @ParameterizedTest
  @EnumSource
  void everyInterleavingHoldsTheInvariants(Protocol.Direction direction) {
    Checker.Result result = new Checker(new Protocol(direction, Protocol.Bug.NONE)).run();
    System.out.printf(
        "%s: %,d states, %,d transitions, depth %d%n",
        direction, result.states(), result.transitions(), result.depth());
    assertThat(result.story()).isEmpty();
    assertThat(result.broken()).isNull();
    assertThat(result.states()).as("a world that is worth exploring").isGreaterThan(100_000);
  }

  static Stream<Arguments> bugs() {
    Map<Protocol.Bug, Checker.Invariant> found =
        Map.ofEntries(
            Map.entry(Protocol.Bug.ACTIVATES_BEFORE_THE_RELEASE, Checker.Invariant.ONE_SPEAKER),
            Map.entry(Protocol.Bug.DESCRIBES_BEFORE_THE_FENCE, Checker.Invariant.NOTHING_LOST),
            Map.entry(
                Protocol.Bug.DESCRIBES_BEFORE_THE_WINDOW_IS_CLOSED, Checker.Invariant.NOTHING_LOST),
            Map.entry(Protocol.Bug.FENCES_BEFORE_THE_FREEZE, Checker.Invariant.DEATH_IS_TOLD),
            Map.entry(Protocol.Bug.NEW_OWNER_IS_NOT_SILENT, Checker.Invariant.ONE_SPEAKER),
            Map.entry(Protocol.Bug.FORGETS_UNACKNOWLEDGED, Checker.Invariant.NOTHING_LOST),
            Map.entry(Protocol.Bug.FORGETS_UNREAD, Checker.Invariant.READ_ONCE),
            Map.entry(Protocol.Bug.REPEATS_UNREAD, Checker.Invariant.READ_ONCE),
            Map.entry(Protocol.Bug.RELEASES_WITH_A_RESET, Checker.Invariant.NO_RESET),
            Map.entry(Protocol.Bug.OLD_OWNER_RUNS_ON_AFTER_A_LOSS, Checker.Invariant.ONE_SPEAKER));
    return Stream.concat(
        Stream.of(Protocol.Direction.values())
            .flatMap(direction ->
                found.entrySet().stream()
                    .map(each -> Arguments.of(direction, each.getKey(), each.getValue()))),
        Stream.of(
            Arguments.of(
                Protocol.Direction.HOST_TO_NIC,
                Protocol.Bug.STEERS_WITHOUT_A_GUARD,
                Checker.Invariant.NO_RESET),
            Arguments.of(
                Protocol.Direction.NIC_TO_HOST,
                Protocol.Bug.ABANDONS_BEFORE_STEERING_BACK,
                Checker.Invariant.NO_RESET),
            Arguments.of(
                Protocol.Direction.NIC_TO_HOST,
                Protocol.Bug.STEERS_AFTER_THE_RELEASE,
                Checker.Invariant.NO_RESET),
            Arguments.of(
                Protocol.Direction.NIC_TO_HOST,
                Protocol.Bug.NEVER_STEERS_AWAY,
                Checker.Invariant.CAN_BE_COMPLETED)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("bugs")
  void aPlantedBugIsFound(
      Protocol.Direction direction, Protocol.Bug bug, Checker.Invariant broken) {
    Checker.Result result = new Checker(new Protocol(direction, bug)).run();
    System.out.printf(
        "%s with %s: %s after %,d states, a story of %d events%n",
        direction, bug, result.broken(), result.states(), result.story().size() - 1);
    assertThat(result.broken()).as(String.join("\n", result.story())).isEqualTo(broken);
    assertThat(result.story()).isNotEmpty();
  }

  /** The tree is the coordinator's own: it would change with it. */
  @Test
  void theProgramIsRecordedFromTheCoordinator() {
    Program program = Program.recorded();
    StringBuilder success = new StringBuilder();
    int at = 0;
    while (!program.node(at).end) {
      success.append(program.node(at)).append(' ');
      at = program.node(at).onSuccess;
    }
    assertThat(success.toString()).isEqualTo("DEPART ARRIVE PREPARE STEER_AWAY RELEASE ACTIVATE ");
    assertThat(program.node(at).outcome).isEqualTo(Program.Outcome.MOVED);
    assertThat(program.size()).isLessThan(256);
  }
}
