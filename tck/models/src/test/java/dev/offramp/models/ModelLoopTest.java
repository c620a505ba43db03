package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.spi.port.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ModelLoopTest {
  @Test
  void runsInOrder() {
    try (ModelLoop loop = new ModelLoop("order")) {
      List<Integer> seen = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        int number = i;
        loop.execute(() -> seen.add(number));
      }
      assertThat(loop.<List<Integer>>call(() -> List.copyOf(seen))).hasSize(1000).isSorted();
    }
  }

  @Test
  void aTaskThatThrowsStopsNobody() {
    try (ModelLoop loop = new ModelLoop("failures")) {
      loop.execute(() -> {
        throw new IllegalStateException("deliberate");
      });
      assertThat(loop.<Integer>call(() -> 1)).isOne();
      assertThat(loop.failures()).singleElement().asString().contains("deliberate");
      assertThatThrownBy(() ->
              loop.run(() -> {
                throw new IllegalArgumentException("also deliberate");
              }))
          .hasRootCauseMessage("also deliberate");
    }
  }

  @Test
  void timersGoByTheClock() throws Exception {
    ModelClock clock = new ModelClock();
    try (ModelLoop loop = new ModelLoop("timers", clock)) {
      CountDownLatch hour = new CountDownLatch(1);
      AtomicInteger cancelled = new AtomicInteger();
      long now = clock.getAsLong();
      loop.schedule(now + TimeUnit.HOURS.toNanos(1), hour::countDown);
      EventLoop.Timer timer =
          loop.schedule(now + TimeUnit.MINUTES.toNanos(1), cancelled::incrementAndGet);
      loop.run(() -> {});
      assertThat(hour.getCount()).isOne();
      timer.cancel();
      clock.jump(TimeUnit.HOURS.toNanos(2));
      assertThat(hour.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(cancelled).hasValue(0);
    }
  }

  @Test
  void closingRunsWhatIsQueued() {
    AtomicInteger ran = new AtomicInteger();
    ModelLoop loop = new ModelLoop("closing");
    loop.execute(ran::incrementAndGet);
    loop.close();
    loop.close();
    assertThat(ran).hasValue(1);
    assertThatThrownBy(() -> loop.run(() -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }
}
