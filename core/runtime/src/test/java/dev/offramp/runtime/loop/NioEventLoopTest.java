package dev.offramp.runtime.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
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
