package dev.offramp.api.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VlanTagTest {
  @ParameterizedTest
  @CsvSource({"1, 0, false", "4094, 7, true", "100, 3, true"})
  void valid(int id, int priority, boolean dropEligible) {
    VlanTag tag = new VlanTag(id, priority, dropEligible);
    assertThat(tag.id()).isEqualTo(id);
    assertThat(tag.priority()).isEqualTo(priority);
    assertThat(tag.dropEligible()).isEqualTo(dropEligible);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, cached.vlan.id",
    "4095, 0, cached.vlan.id",
    "-1, 0, cached.vlan.id",
    "1, 8, cached.vlan.priority",
    "1, -1, cached.vlan.priority"
  })
  void invalid(int id, int priority, String field) {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(() -> new VlanTag(id, priority, false))
        .matches(e -> e.field().equals(field));
  }
}
