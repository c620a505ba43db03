package dev.offramp.runtime.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.spi.port.EventLoop;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NioEventLoopTest {
  private static final long PATIENCE_SECONDS = 20;

  private NioEventLoop loop;

  @BeforeEach
  void start() {
    loop = new NioEventLoop("test-loop", new ChannelWaiters());
    loop.start();
  }

  @AfterEach
  void close() {
    loop.close();
  }

  /** What comes every millisecond must not leave an object behind each time. */
  @Test
  void aTimerThatHasRunIsUsedAgain() throws Exception {
    CompletableFuture<List<EventLoop.Timer>> seen = new CompletableFuture<>();
    List<EventLoop.Timer> timers = new ArrayList<>();
    Runnable task =
        new Runnable() {
          @Override
          public void run() {
            if (timers.size() == 3) {
              seen.complete(timers);
            } else {
              timers.add(loop.schedule(timers.getLast(), System.nanoTime(), this));
            }
          }
        };
    loop.execute(() -> timers.add(loop.schedule(System.nanoTime(), task)));
    List<EventLoop.Timer> all = seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(all).hasSize(3);
    assertThat(all.get(1)).isSameAs(all.get(0));
    assertThat(all.get(2)).isSameAs(all.get(0));
  }

  @Test
  void aTimerThatIsStillWaitingStaysWhatItIs() throws Exception {
    CountDownLatch ran = new CountDownLatch(2);
    CompletableFuture<List<EventLoop.Timer>> made = new CompletableFuture<>();
    Runnable task = ran::countDown;
    loop.execute(() -> {
      EventLoop.Timer waiting = loop.schedule(System.nanoTime(), task);
      EventLoop.Timer second = loop.schedule(waiting, System.nanoTime(), task);
      EventLoop.Timer third = loop.schedule(second, Long.MAX_VALUE / 2, () -> {});
      third.cancel();
      made.complete(List.of(waiting, second, third));
    });
    assertThat(made.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).doesNotHaveDuplicates();
    assertThat(ran.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** A connection that always has more to do must not starve those that wait for the selector. */
  @Test
  void aTaskThatQueuesItselfAgainLetsChannelsAndTimersThrough() throws Exception {
    CountDownLatch selected = new CountDownLatch(1);
    CountDownLatch fired = new CountDownLatch(1);
    AtomicBoolean stop = new AtomicBoolean();
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      loop.execute(
          new Runnable() {
            @Override
            public void run() {
              if (!stop.get()) {
                loop.execute(this);
              }
            }
          });
      loop.execute(() -> {
        try {
          loop.register(
                  source,
                  key -> {
                    key.interestOps(0);
                    selected.countDown();
                  })
              .interestOps(SelectionKey.OP_READ);
        } catch (java.nio.channels.ClosedChannelException e) {
          throw new IllegalStateException(e);
        }
      });
      loop.schedule(System.nanoTime(), fired::countDown);
      sink.write(ByteBuffer.allocate(1));
      assertThat(selected.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(fired.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      stop.set(true);
    }
  }

  /** A device that finds out by a stream's event that a connection can be stopped does this. */
  @Test
  void aHandlerTakesItsOwnChannelOutOfTheLoop() throws Exception {
    CompletableFuture<Boolean> blocking = new CompletableFuture<>();
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel source = pipe.source();
        Pipe.SinkChannel sink = pipe.sink()) {
      source.configureBlocking(false);
      loop.execute(() -> {
        try {
          loop.register(
                  source,
                  key -> {
                    try {
                      loop.deregister(key);
                      source.configureBlocking(true);
                      blocking.complete(source.isBlocking());
                    } catch (java.io.IOException | RuntimeException e) {
                      blocking.completeExceptionally(e);
                    }
                  })
              .interestOps(SelectionKey.OP_READ);
        } catch (java.nio.channels.ClosedChannelException e) {
          blocking.completeExceptionally(e);
        }
      });
      sink.write(ByteBuffer.allocate(1));
      assertThat(blocking.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void timersFireInTheirOrderAndCancelledOnesDoNot() throws Exception {
    List<String> fired = new ArrayList<>();
    CountDownLatch last = new CountDownLatch(1);
    long now = System.nanoTime();
    loop.schedule(now + TimeUnit.MILLISECONDS.toNanos(30), last::countDown);
    loop.schedule(now + TimeUnit.MILLISECONDS.toNanos(20), () -> fired.add("second"));
    loop.schedule(now + TimeUnit.MILLISECONDS.toNanos(10), () -> fired.add("first"));
    loop.schedule(now + TimeUnit.MILLISECONDS.toNanos(15), () -> fired.add("never")).cancel();
    assertThat(last.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - now).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(30));
    assertThat(fired).containsExactly("first", "second");
  }

  @Test
  void aTaskThatThrowsDoesNotStopTheLoop() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    loop.execute(() -> {
      throw new IllegalStateException("a defect of one connection");
    });
    loop.execute(ran::countDown);
    assertThat(ran.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void closedLoopsGiveNoMore() {
    NioEventLoops loops = new NioEventLoops();
    assertThat(loops.next()).isNotNull();
    loops.close();
    loops.close();
    assertThatThrownBy(loops::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
