package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class DmaFaultExceptionTest {
  @Test
  void memoryThatWentMeanwhileIsAFault() {
    MemorySegment segment;
    try (Arena arena = Arena.ofShared()) {
      segment = arena.allocate(8);
    }
    IllegalStateException seen =
        catchThrowableOfType(
            IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
    assertThat(DmaFaultException.of(seen).deviceAddress()).isEqualTo(DmaFaultException.UNKNOWN);
  }

  @Test
  void anythingElseIsNone() {
    IllegalStateException other = new IllegalStateException("a bug");
    assertThatIllegalStateException().isThrownBy(() -> DmaFaultException.of(other)).isSameAs(other);
  }
}
