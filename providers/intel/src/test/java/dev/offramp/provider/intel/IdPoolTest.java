package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

/** Numbers are given once at a time, and again as late as possible. */
final class IdPoolTest {
  @Test
  void givesEachOnce() throws Exception {
    IdPool pool = new IdPool("QPs", 3, 6);
    assertThat(pool.take()).isEqualTo(3);
    assertThat(pool.take()).isEqualTo(4);
    pool.giveBack(3);
    assertThat(pool.take()).isEqualTo(5);
    assertThat(pool.take()).isEqualTo(3);
    assertThat(pool.count()).isEqualTo(3);
    assertThatExceptionOfType(NoRoomException.class)
        .isThrownBy(pool::take)
        .withMessageContaining("QPs")
        .withMessageContaining("3");
    pool.giveBack(4);
    assertThat(pool.take()).isEqualTo(4);
  }
}
