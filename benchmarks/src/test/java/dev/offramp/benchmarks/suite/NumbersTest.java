package dev.offramp.benchmarks.suite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0.9714;0.971", "1.005;1.01", "28.64;28.6", "128.5;129", "4399.2;4,399", "0;0"})
  void threeDigits(double value, String text) {
    // 128.5 is a tie; HALF_UP is what String.format does.
    assertThat(Numbers.three(value)).isEqualTo(text);
  }

  @Test
  void nothingMeasuredIsADashAndInJsonNull() {
    assertThat(Numbers.three(Double.NaN)).isEqualTo("-");
    assertThat(Numbers.rounded(Double.NaN)).isNull();
    assertThat(Numbers.rounded(Double.POSITIVE_INFINITY)).isNull();
    assertThat(Numbers.rounded(1.23456789)).isEqualTo(1.23457);
  }
}
