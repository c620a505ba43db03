package dev.offramp.runtime.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.api.rdma.TrafficCounters;
import dev.offramp.spi.RnicEvents;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each event once, with what it says; and nothing at all while nobody records. */
final class RecordedEventsTest {
  private static final Terminate TERMINATE = new Terminate(1, 1, 0, Octets.empty());

  private final RnicEvents events = RecordedEvents.INSTANCE;
  private final RdmaConnection connection = mock(RdmaConnection.class);
  private final MemoryRegion region = mock(MemoryRegion.class);

  @BeforeEach
  void describe() {
    TrafficCounters traffic = new TrafficCounters(3, 4000, Map.of(), Map.of());
    when(connection.localAddress())
        .thenReturn(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 11));
    when(connection.remoteAddress())
        .thenReturn(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.2"), 22));
    when(connection.counters())
        .thenReturn(new RdmaCounters(traffic, TrafficCounters.ZERO, 0, 1, 0, 5, 0, 0));
    when(region.sizeBytes()).thenReturn(99L);
    when(region.stag()).thenReturn(0x1234);
  }

  private List<RecordedEvent> record(String name, Runnable code) throws InterruptedException {
    List<RecordedEvent> found = new ArrayList<>();
    try (RecordingStream stream = new RecordingStream()) {
      stream.enable(name);
      stream.setReuse(false);
      stream.onEvent(name, found::add);
      stream.startAsync();
      code.run();
      stream.stop();
    }
    assertThat(found)
        .allSatisfy(event -> {
          assertThat(event.getString("local")).contains("127.0.0.1:11");
          assertThat(event.getString("remote")).contains("127.0.0.2:22");
        });
    return found;
  }

  @Test
  void terminatesOfEitherEnd() throws Exception {
    List<RecordedEvent> found =
        record(
            "dev.offramp.Terminate",
            () -> {
              events.ended(connection, new StreamEnd.TerminatedLocally(TERMINATE, "not mine"));
              events.ended(connection, new StreamEnd.TerminatedByPeer(TERMINATE));
              events.ended(connection, new StreamEnd.ClosedByPeer());
            });
    assertThat(found).extracting(event -> event.getBoolean("sent")).containsExactly(true, false);
    assertThat(found.getFirst().getString("reason")).isEqualTo("1/1/00 invalid STag: not mine");
    assertThat(found)
        .allSatisfy(event -> {
          assertThat(event.getInt("layer")).isOne();
          assertThat(event.getInt("errorType")).isOne();
          assertThat(event.getInt("errorCode")).isZero();
        });
  }

  @Test
  void endsWithWhatWasCounted() throws Exception {
    List<RecordedEvent> found =
        record(
            "dev.offramp.ConnectionEnd",
            () -> {
              events.ended(connection, new StreamEnd.Reset());
              events.ended(connection, new StreamEnd.TerminatedByPeer(TERMINATE));
            });
    assertThat(found)
        .extracting(event -> event.getString("how"))
        .containsExactly("Reset", "TerminatedByPeer");
    assertThat(found.getFirst().getLong("sentBytes")).isEqualTo(4000);
    assertThat(found.getFirst().getLong("sentFpdus")).isEqualTo(3);
    assertThat(found.getFirst().getLong("completionStalls")).isEqualTo(5);
  }

  @Test
  void stalls() throws Exception {
    List<RecordedEvent> found =
        record("dev.offramp.CompletionStall", () -> events.stalled(connection, 1_234_567));
    assertThat(found)
        .extracting(event -> event.getLong("stalledNanos"))
        .containsExactly(1_234_567L);
  }

  @Test
  void regions() throws Exception {
    List<RecordedEvent> found =
        record(
            "dev.offramp.Region",
            () -> {
              events.registered(
                  connection, region, EnumSet.of(Access.REMOTE_WRITE, Access.REMOTE_READ));
              events.deregistered(connection, region);
            });
    assertThat(found)
        .extracting(event -> event.getBoolean("registered"))
        .containsExactly(true, false);
    assertThat(found)
        .extracting(event -> event.getString("access"))
        .containsExactly("[REMOTE_READ, REMOTE_WRITE]", "");
    assertThat(found).allSatisfy(event -> assertThat(event.getLong("sizeBytes")).isEqualTo(99));
  }

  @Test
  void nothingIsAskedWhileNobodyRecords() {
    RdmaConnection idle = mock(RdmaConnection.class);
    MemoryRegion unseen = mock(MemoryRegion.class);
    events.stalled(idle, 5);
    events.registered(idle, unseen, EnumSet.noneOf(Access.class));
    events.deregistered(idle, unseen);
    events.ended(idle, new StreamEnd.ClosedByPeer());
    verifyNoInteractions(idle, unseen);
    // A Terminate is worth a line in the log.
    events.ended(idle, new StreamEnd.TerminatedByPeer(TERMINATE));
    verify(idle).remoteAddress();
  }
}
