package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FaultsTest {
  @Test
  void theNthTimeOnly() {
    NthFault fault = new NthFault("here", 2, 9);
    assertThat(fault.at("there")).isZero();
    assertThat(fault.at("here")).isZero();
    assertThat(fault.hasHappened()).isFalse();
    assertThat(fault.at("here")).isEqualTo(9);
    assertThat(fault.at("here")).isZero();
    assertThat(fault.hasHappened()).isTrue();
    assertThat(fault).hasToString("[here] time 2: 0x9");
    assertThatIllegalArgumentException().isThrownBy(() -> new NthFault("here", 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new NthFault("here", 1, 0));
  }

  @Test
  void aSeedDecides() {
    assertThat(answers(5)).isEqualTo(answers(5)).isNotEqualTo(answers(6));
    assertThat(answers(5)).contains(0L, 3L, 4L);
    assertThatIllegalArgumentException().isThrownBy(() -> new SeededFaults(1, 2, List.of(0L)));
    assertThatIllegalArgumentException().isThrownBy(() -> new SeededFaults(1, 2, List.of()));
  }

  private static List<Long> answers(long seed) {
    SeededFaults faults = new SeededFaults(seed, 4, List.of(3L, 4L));
    return LongStream.range(0, 200).map(i -> faults.at("any")).boxed().toList();
  }

  @Test
  void placesAreCounted() {
    RecordedFaults faults = new RecordedFaults(new NthFault("b", 1, 7));
    faults.at("b");
    faults.at("a");
    faults.at("b");
    assertThat(faults.seen())
        .containsExactly(java.util.Map.entry("b", 2), java.util.Map.entry("a", 1));
    assertThat(new RecordedFaults().at("a")).isZero();
  }
}
