package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offramp.models.NthFault;
import dev.offramp.models.RecordedFaults;
import dev.offramp.models.chelsio.ChelsioFaults.Command;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import dev.offramp.models.chelsio.Violation.Kind;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each place where a modelled adapter can be made to fail: it is reached, and it fails there. */
@Timeout(300)
final class FaultPlacesTest {
  private static final int ROUNDS = 300;

  /** Neither an FW_E*, nor a CPL_ERR_*, nor any number that a tour uses otherwise. */
  private static final int VALUE = 77;

  @ParameterizedTest
  @EnumSource
  void theListIsComplete(ChelsioChip chip) {
    RecordedFaults faults = new RecordedFaults();
    try (Rig rig = new Rig(chip, faults);
        Tour tour = new Tour(rig)) {
      tour.run();
      assertThat(rig.model().violations())
          .extracting(Violation::kind)
          .containsExactly(Kind.BAD_WORK_REQUEST);
      ChelsioUsage usage = rig.model().usage();
      assertThat(usage).isEqualTo(new ChelsioUsage(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }
    assertThat(faults.seen().keySet()).containsExactlyInAnyOrderElementsOf(ChelsioFaults.all());
  }

  static Stream<String> places() {
    return ChelsioFaults.all().stream();
  }

  /** Whatever fails, the model stays whole: what it does wrong it was told to. */
  @ParameterizedTest
  @MethodSource("places")
  void staysWhole(String place) {
    NthFault fault = new NthFault(place, 1, value(place));
    try (Rig rig = new Rig(ChelsioChip.T5, fault);
        Tour tour = new Tour(rig)) {
      rig.giveUpAfter(ROUNDS);
      boolean noticed = false;
      try {
        tour.run();
      } catch (AssertionError | IllegalStateException e) {
        noticed = true;
      }
      assertThat(fault.hasHappened()).isTrue();
      assertThat(noticed).as("noticed").isEqualTo(!UNNOTICED.contains(place));
      // Nobody but the script has done anything wrong.
      assertThat(rig.model().violations())
          .extracting(Violation::kind)
          .isSubsetOf(Kind.BAD_WORK_REQUEST, Kind.MESSAGE_WITHOUT_ROOM, Kind.BAD_TID);
    }
  }

  private static long value(String place) {
    // Two bytes remain: opcode, and nothing of the tid or the type.
    return place.endsWith("truncated") ? 1 : VALUE;
  }

  /** A tour's first one asks for no reply, and writes what the connection has already. */
  private static final Set<String> UNNOTICED = Set.of(ChelsioFaults.request(Request.SET_TCB_FIELD));

  @Test
  void firmwareRefuses() {
    for (Command name : Command.values()) {
      NthFault fault = new NthFault(ChelsioFaults.command(name), 1, VALUE);
      try (Rig rig = new Rig(ChelsioChip.T6, fault);
          Tour tour = new Tour(rig)) {
        rig.giveUpAfter(ROUNDS);
        assertThat(catchThrowable(tour::run)).as("%s", name).hasMessageContaining("77");
      }
    }
  }

  @Test
  void requestsAreRefused() {
    for (Request name : EnumSet.complementOf(EnumSet.of(Request.SET_TCB_FIELD))) {
      NthFault fault = new NthFault(ChelsioFaults.request(name), 1, VALUE);
      try (Rig rig = new Rig(ChelsioChip.T6, fault);
          Tour tour = new Tour(rig)) {
        rig.giveUpAfter(ROUNDS);
        assertThat(catchThrowable(tour::run)).as("%s", name).hasMessageContaining("77");
      }
    }
  }
}
