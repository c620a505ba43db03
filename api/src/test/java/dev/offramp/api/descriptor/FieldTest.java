package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;

final class FieldTest {
  private final Field<Integer> present = Field.present(0, "TCP_INFO");
  private final Field<Integer> derived = Field.derived(0, "a - b");
  private final Field<Integer> absent = Field.absent("Linux does not tell");

  @Test
  void zeroIsKnownAndAbsentIsNot() {
    assertThat(present.isKnown()).isTrue();
    assertThat(present.value()).isZero();
    assertThat(present.orElse(7)).isZero();
    assertThat(derived.isKnown()).isTrue();
    assertThat(absent.isKnown()).isFalse();
    assertThat(absent.orElse(7)).isEqualTo(7);
  }

  @Test
  void absentValueExplainsItself() {
    assertThatIllegalStateException()
        .isThrownBy(absent::value)
        .isExactlyInstanceOf(AbsentFieldException.class)
        .withMessageContaining("Linux does not tell")
        .withMessageContaining("isKnown()");
  }

  @Test
  void keepsOriginAndSource() {
    assertThat(present.origin()).isEqualTo(Origin.PRESENT);
    assertThat(derived.origin()).isEqualTo(Origin.DERIVED);
    assertThat(absent.origin()).isEqualTo(Origin.ABSENT);
    assertThat(present.source()).isEqualTo("TCP_INFO");
    assertThat(absent.source()).isEqualTo("Linux does not tell");
  }

  @Test
  void mappingKeepsOriginAndSource() {
    assertThat(derived.map(String::valueOf)).isEqualTo(Field.derived("0", "a - b"));
    assertThat(absent.map(String::valueOf)).isEqualTo(Field.absent("Linux does not tell"));
  }

  @Test
  void equalityLooksAtAllThree() {
    assertThat(present).isEqualTo(Field.present(0, "TCP_INFO"));
    assertThat(present).hasSameHashCodeAs(Field.present(0, "TCP_INFO"));
    assertThat(present).isNotEqualTo(Field.present(1, "TCP_INFO"));
    assertThat(present).isNotEqualTo(Field.derived(0, "TCP_INFO"));
    assertThat(present).isNotEqualTo(Field.present(0, "elsewhere"));
    assertThat(absent).isNotEqualTo(present);
  }

  @Test
  void readsWell() {
    assertThat(present).hasToString("0 (TCP_INFO)");
    assertThat(absent).hasToString("absent (Linux does not tell)");
  }

  @Test
  @SuppressWarnings("NullAway") // the point
  void nullIsNoValue() {
    assertThatNullPointerException().isThrownBy(() -> Field.present(null, "TCP_INFO"));
    assertThatNullPointerException().isThrownBy(() -> Field.derived(1, null));
    assertThatNullPointerException().isThrownBy(() -> present.map(value -> null));
  }
}
