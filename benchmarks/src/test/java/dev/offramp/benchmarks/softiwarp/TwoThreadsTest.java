package dev.offramp.benchmarks.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class TwoThreadsTest {
  @Test
  void bothEndsRunAtOnce() throws Exception {
    CountDownLatch near = new CountDownLatch(1);
    CountDownLatch far = new CountDownLatch(1);
    try (TwoThreads threads = new TwoThreads()) {
      long nanos =
          threads.run(
              () -> {
                near.countDown();
                far.await();
              },
              () -> {
                near.await();
                far.countDown();
              });
      assertThat(nanos).isPositive();
    }
  }

  @Test
  void anEndThatFailsIsToldThoughTheOtherWaitsForEver() {
    IllegalStateException failure = new IllegalStateException("the far end");
    try (TwoThreads threads = new TwoThreads()) {
      assertThatThrownBy(() ->
              threads.run(
                  new CountDownLatch(1)::await,
                  () -> {
                    throw failure;
                  }))
          .isInstanceOf(ExecutionException.class)
          .hasCause(failure);
    }
  }
}
