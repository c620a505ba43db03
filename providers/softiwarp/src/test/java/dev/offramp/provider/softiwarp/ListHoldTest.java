package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ListHoldTest {
  private static final int BYTES = 2816;

  private final ListHold hold = new ListHold();
  private long now = Long.MAX_VALUE - 1000;

  @Test
  void aListWaitsOnceTheApplicationHasComeBackOftenEnough() {
    for (int i = 0; i < ListHold.MIN_STREAK; i++) {
      assertThat(hold.mayWait(BYTES, now)).isFalse();
      hold.cameBack(now);
    }
    assertThat(hold.mayWait(BYTES, now)).isTrue();
    assertThat(hold.isHolding()).isTrue();
    hold.cameBack(now);
    assertThat(hold.isHolding()).isFalse();
  }

  @Test
  void noListWaitsWhereTheApplicationDoesSomethingElseBetween() {
    for (int i = 0; i < 1000; i++) {
      assertThat(hold.mayWait(BYTES, now)).isFalse();
      now += ListHold.PROMPT_NANOS + 1;
      hold.cameBack(now);
    }
  }

  @Test
  void onlySoMuchWaitsAndOnlySoLong() {
    earn(ListHold.MIN_STREAK);
    assertThat(hold.mayWait(ListHold.MAX_BYTES, now)).isFalse();
    assertThat(hold.mayWait(BYTES, now)).isTrue();
    now += ListHold.MAX_NANOS;
    assertThat(hold.mayWait(2 * BYTES, now)).isTrue();
    now += 1;
    assertThat(hold.mayWait(3 * BYTES, now)).isFalse();
    assertThat(hold.isHolding()).isFalse();
  }

  @Test
  void eachTimeThatNobodyCameBackCostsTwiceAsManyLists() {
    int streak = ListHold.MIN_STREAK;
    for (int i = 0; i < 20; i++) {
      earn(streak);
      assertThat(hold.mayWait(BYTES, now)).as("after %d", streak).isTrue();
      hold.late();
      streak = Math.min(2 * streak, ListHold.MAX_STREAK);
    }
  }

  /** So many lists, none of which waits. */
  private void earn(int lists) {
    for (int i = 0; i < lists; i++) {
      assertThat(hold.mayWait(BYTES, now)).isFalse();
      hold.cameBack(now);
    }
  }
}
