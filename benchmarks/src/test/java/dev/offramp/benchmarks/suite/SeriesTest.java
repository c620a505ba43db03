package dev.offramp.benchmarks.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SeriesTest {
  @Test
  void theMedianIsTheMiddleOneWhateverTheOrder() {
    assertThat(Series.of(9, 1, 5).median()).isEqualTo(5);
    assertThat(Series.of(4, 1, 2, 100).median()).isEqualTo(3);
  }

  @Test
  void quantilesAreValuesThatWereSeen() {
    Series series = Series.of(40, 10, 30, 20);
    assertThat(series.quantile(0.25)).isEqualTo(10);
    assertThat(series.quantile(0.5)).isEqualTo(20);
    assertThat(series.quantile(0.75)).isEqualTo(30);
    assertThat(series.min()).isEqualTo(10);
    assertThat(series.max()).isEqualTo(40);
  }

  @Test
  void withoutRoundsThereIsNothing() {
    assertThat(Series.of().median()).isNaN();
    assertThat(Series.of().quantile(0.5)).isNaN();
    assertThat(Series.of(1, Double.NaN, 3).median()).isNaN();
    assertThat(Series.of(1, Double.NaN, 3).min()).isNaN();
  }

  @Test
  void ratiosAreTakenRoundByRoundNotOfMedians() {
    // Medians 2 and 2; but in each round the first is half or double the second.
    Series ratio = Series.of(1, 2, 4).dividedBy(Series.of(2, 4, 2));
    assertThat(ratio.median()).isEqualTo(0.5);
    assertThat(ratio.max()).isEqualTo(2);
  }

  @Test
  void differencesAndUnits() {
    Series difference = Series.of(5, 7).minus(Series.of(1, 2)).times(2);
    assertThat(difference.min()).isEqualTo(8);
    assertThat(difference.max()).isEqualTo(10);
  }

  @Test
  void seriesOfDifferentLengthsDoNotGoTogether() {
    Series two = Series.of(1, 2);
    Series one = Series.of(1);
    assertThatThrownBy(() -> two.dividedBy(one))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 and 1");
    assertThatThrownBy(() -> two.minus(one)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void laterChangesOfTheArrayDoNotReachTheSeries() {
    double[] rounds = {1, 2, 3};
    Series series = Series.of(rounds);
    rounds[1] = 100;
    assertThat(series.median()).isEqualTo(2);
  }
}
