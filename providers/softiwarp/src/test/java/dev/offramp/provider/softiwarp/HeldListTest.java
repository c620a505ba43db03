package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.spi.Rnic;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lists that wait for the next one. The clock stands, unless a test moves it. */
@Timeout(60)
class HeldListTest {
  private static final int BYTES = 64;

  private final AtomicLong nanos = new AtomicLong();
  private final StillContext context =
      new StillContext(Map.of("first-fpdu-delay-micros", "0", "wake-up-millis", "0"));
  private final MemoryPort port = new MemoryPort();
  private final MemoryPort peerPort = new MemoryPort();
  private Rnic rnic;
  private RdmaConnection connection;
  private RdmaConnection peer;
  private List<Send> list;

  @BeforeEach
  void arrive() throws Exception {
    context.clock = nanos::get;
    MemoryPort.join(port, peerPort);
    context.ports.addAll(List.of(port, peerPort));
    rnic = new SoftiwarpDriver().open(context);
    connection = rnic.arrive(SoftConnectionTest.descriptor(MpaRole.INITIATOR)).activate();
    peer = rnic.arrive(SoftConnectionTest.descriptor(MpaRole.RESPONDER)).activate();
    MemoryRegion source = connection.allocate(BYTES);
    MemoryRegion sink = peer.allocate(BYTES);
    list = List.of(new Send(1, source.whole()), new Send(2, source.whole()));
    for (int i = 0; i < 100; i++) {
      peer.post(new Receive(0, sink.whole()));
    }
  }

  @AfterEach
  void close() {
    rnic.close();
  }

  @Test
  void listsThatFollowEachOtherShareAWrite() throws Exception {
    earn();
    connection.post(list);
    connection.post(list);
    assertThat(peerPort.isReadable()).isFalse();
    assertThat(connection.completions().poll()).isPresent();
    assertThat(peerPort.isReadable()).isTrue();
    assertThat(received()).isEqualTo(2 * list.size());
  }

  @Test
  void theLoopWritesWhatNobodyComesBackFor() throws Exception {
    earn();
    connection.post(list);
    assertThat(peerPort.isReadable()).isFalse();
    context.runScheduled();
    assertThat(peerPort.isReadable()).isTrue();
    assertThat(received()).isEqualTo(list.size());
    connection.post(list);
    assertThat(received()).as("trust is lost").isEqualTo(list.size());
  }

  @Test
  void aSingleMessageLeavesAtOnceAndTakesTheListAlong() throws Exception {
    earn();
    connection.post(list);
    connection.post(list.getFirst());
    assertThat(received()).isEqualTo(list.size() + 1);
  }

  @Test
  void noListWaitsForAnApplicationThatIsSlow() throws Exception {
    for (int i = 0; i < 3 * ListHold.MIN_STREAK; i++) {
      connection.post(list);
      assertThat(received()).isEqualTo(list.size());
      nanos.addAndGet(ListHold.PROMPT_NANOS + 1);
      drain();
    }
  }

  @Test
  void aLongMessageDoesNotWait() throws Exception {
    earn();
    MemoryRegion source = connection.allocate(1 << 20);
    connection.post(List.of(new Send(3, source.slice(0, 0)), new Send(4, source.whole())));
    assertThat(peerPort.isReadable()).isTrue();
  }

  /** Comes back at once as often as it takes. */
  private void earn() throws Exception {
    for (int i = 0; i < ListHold.MIN_STREAK; i++) {
      connection.post(list);
      assertThat(received()).isEqualTo(list.size());
      drain();
    }
  }

  private void drain() {
    while (connection.completions().poll().isPresent()) {
      // What is done.
    }
  }

  /** Messages that the peer has got since it was asked last. */
  private int received() {
    int count = 0;
    while (peer.completions().poll().isPresent()) {
      count++;
    }
    return count;
  }
}
