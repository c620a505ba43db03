package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.offramp.spi.port.EventLoop;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** On a loop whose only timer fires when the test says so. */
class LoopWatchTest {
  private static final int TICKS = 10_000;

  private final ManualLoop loop = new ManualLoop();
  private final LoopWatch watch = new LoopWatch(loop, () -> 0);

  /** It ticks a thousand times a second while connections are busy. */
  @Test
  void aTickAllocatesNothing() {
    for (int i = 0; i < 100; i++) {
      watch.add(() -> true);
    }
    tick(TICKS);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    tick(TICKS);
    // Less than a byte for each: the JVM itself may allocate a little while it compiles.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(TICKS);
  }

  @Test
  void whoIsDoneIsForgottenAndTheOthersAreNot() {
    List<Integer> looks = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int number = i;
      watch.add(() -> {
        looks.add(number);
        return number % 2 == 0;
      });
    }
    tick(1);
    assertThat(looks).hasSize(40);
    looks.clear();
    tick(1);
    assertThat(looks).hasSize(20).allMatch(number -> number % 2 == 0);
  }

  @Test
  void itTicksOnlyWhileThereAreSome() {
    watch.add(() -> false);
    tick(1);
    assertThat(loop.task).isNull();
    List<String> looked = new ArrayList<>();
    watch.add(() -> !looked.add("again"));
    tick(1);
    assertThat(looked).hasSize(1);
    assertThat(loop.task).isNull();
  }

  /** Others on the list must not lose their turn. */
  @Test
  void whoFailsIsForgotten() {
    List<String> looked = new ArrayList<>();
    watch.add(() -> {
      throw new IllegalStateException("a defect of one connection");
    });
    watch.add(() -> looked.add("other"));
    tick(2);
    assertThat(looked).hasSize(2);
  }

  private void tick(int times) {
    for (int i = 0; i < times; i++) {
      Runnable task = loop.task;
      loop.task = null;
      if (task != null) {
        task.run();
      }
    }
  }

  private static final class ManualLoop implements EventLoop {
    private final Timer timer = () -> {};
    private @Nullable Runnable task;

    @Override
    public void execute(Runnable soon) {
      soon.run();
    }

    @Override
    public Timer schedule(long deadlineNanos, Runnable later) {
      task = later;
      return timer;
    }
  }
}
