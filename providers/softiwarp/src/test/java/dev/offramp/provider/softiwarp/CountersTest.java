package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.SendImmediate;
import dev.offramp.api.rdma.TrafficCounters;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.Write;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can be seen of connections from outside: counters, and events for Flight Recorder. */
@Timeout(60)
class CountersTest {
  private static final String REPLY = "4d504120494420526570204672616d65" + "40010000";

  private static Offramp open() {
    return Offramp.open(
        OfframpOptions.builder()
            .setting("softiwarp.send-queue-entries", "4")
            .setting("softiwarp.first-fpdu-delay-micros", "0")
            // What a silent peer would be sent besides, this test cannot count on.
            .setting("softiwarp.wake-up-millis", "0")
            .build());
  }

  @Test
  void bothEndsCountTheSame() throws Exception {
    RdmaCounters near;
    RdmaCounters far;
    Offramp closed;
    try (Offramp offramp = open()) {
      closed = offramp;
      assertThat(offramp.counters()).isEqualTo(RdmaCounters.ZERO);
      try (RdmaPair pair = RdmaPair.open(offramp)) {
        converse(pair);
        near = pair.initiator().counters();
        far = pair.responder().counters();
        assertThat(near.sent()).isEqualTo(far.received());
        assertThat(near.received()).isEqualTo(far.sent());
        TrafficCounters sent = near.sent();
        // The ready-to-receive indication is a Write of no length.
        assertThat(sent.messages())
            .containsExactlyInAnyOrderEntriesOf(
                Map.of(
                    MessageKind.WRITE, 2L,
                    MessageKind.SEND, 2L,
                    MessageKind.IMMEDIATE, 1L,
                    MessageKind.READ_REQUEST, 1L,
                    MessageKind.ATOMIC_REQUEST, 1L));
        assertThat(sent.payloadBytes())
            .containsExactlyInAnyOrderEntriesOf(
                Map.of(
                    MessageKind.WRITE, 100_000L,
                    MessageKind.SEND, 600L,
                    MessageKind.IMMEDIATE, 8L));
        assertThat(near.received().messages())
            .containsExactlyInAnyOrderEntriesOf(
                Map.of(MessageKind.READ_RESPONSE, 1L, MessageKind.ATOMIC_RESPONSE, 1L));
        assertThat(near.received().payloadBytes(MessageKind.READ_RESPONSE)).isEqualTo(5_000);
        assertThat(sent.fpdus()).isGreaterThanOrEqualTo(7);
        assertThat(sent.streamBytes()).isGreaterThan(100_608 + 7 * 20);
        assertThat(near.readCalls()).isPositive();
        assertThat(near.writeCalls()).isPositive();
        assertThat(near.terminatesSent() + near.crcErrors() + near.completionStalls()).isZero();
        RdmaCounters total = offramp.counters();
        assertThat(total.sent()).isEqualTo(near.sent().plus(far.sent()));
      }
      assertThat(offramp.counters().sent()).isEqualTo(near.sent().plus(far.sent()));
    }
    assertThat(closed.counters().sent()).isEqualTo(near.sent().plus(far.sent()));
  }

  private static void converse(RdmaPair pair) throws Exception {
    RdmaConnection near = pair.initiator();
    RdmaConnection far = pair.responder();
    MemoryRegion own = near.allocate(100_000, Access.REMOTE_WRITE);
    MemoryRegion target =
        far.allocate(100_000, Access.REMOTE_WRITE, Access.REMOTE_READ, Access.REMOTE_ATOMIC);
    MemoryRegion inbox = far.allocate(1_000);
    for (int i = 0; i < 3; i++) {
      far.post(new Receive(inbox.whole()));
    }
    near.post(new Write(1, own.whole(), target.advertise()));
    RdmaPair.next(near, Operation.WRITE);
    near.post(new Send(own.slice(0, 600)));
    RdmaPair.next(near, Operation.SEND);
    near.post(new Send(own.slice(0, 0)));
    RdmaPair.next(near, Operation.SEND);
    near.post(new SendImmediate(1, 7, false));
    RdmaPair.next(near, Operation.IMMEDIATE);
    near.post(
        new Read(
            1, own.slice(0, 5_000), new RemoteBuffer(target.stag(), target.taggedOffset(), 5_000)));
    RdmaPair.next(near, Operation.READ);
    near.post(
        new FetchAdd(
            1, own.slice(0, 8), new RemoteBuffer(target.stag(), target.taggedOffset(), 8), 1, 0));
    RdmaPair.next(near, Operation.FETCH_ADD);
  }

  @Test
  void aTerminateIsCountedAndRecorded() throws Exception {
    List<RecordedEvent> events =
        record(() -> {
          try (Offramp offramp = open();
              TcpPair tcp = TcpPair.open()) {
            TcpPair.write(tcp.far(), HexFormat.of().parseHex(REPLY));
            try (RdmaConnection rdma =
                offramp.offload(tcp.near(), Mpa.initiator().revision(1).build())) {
              // A Write of no length with a CRC that is none.
              TcpPair.write(
                  tcp.far(), HexFormat.of().parseHex("000ec140" + "00".repeat(12) + "deadbeef"));
              // The Request, then the Terminate.
              byte[] terminate = TcpPair.read(tcp.far(), 20 + 28);
              assertThat(terminate[20 + 20]).isEqualTo((byte) 0x20);
              assertThat(terminate[20 + 21]).isEqualTo((byte) 0x02);
              RdmaCounters counters = rdma.counters();
              assertThat(counters.crcErrors()).isOne();
              assertThat(counters.terminatesSent()).isOne();
              assertThat(counters.terminatesReceived()).isZero();
              assertThat(counters.sent().messages()).isEqualTo(Map.of(MessageKind.TERMINATE, 1L));
              assertThat(counters.received().fpdus()).isZero();
            }
            assertThat(offramp.counters().crcErrors()).isOne();
          }
        });
    RecordedEvent terminate = only(events, "dev.offramp.Terminate");
    assertThat(terminate.getBoolean("sent")).isTrue();
    assertThat(terminate.getInt("layer")).isEqualTo(2);
    assertThat(terminate.getInt("errorType")).isZero();
    assertThat(terminate.getInt("errorCode")).isEqualTo(2);
    assertThat(terminate.getString("reason")).contains("CRC");
    RecordedEvent end = only(events, "dev.offramp.ConnectionEnd");
    assertThat(end.getString("how")).isEqualTo("TerminatedLocally");
    assertThat(end.getString("remote")).contains("127.0.0.1");
  }

  @Test
  void completionsThatNobodyPollsAreAStall() throws Exception {
    List<RecordedEvent> events =
        record(() -> {
          try (Offramp offramp = open();
              RdmaPair pair = RdmaPair.open(offramp)) {
            RdmaConnection near = pair.initiator();
            while (near.counters().completionStalls() == 0) {
              try {
                near.post(new Write(1, List.of(), new RemoteBuffer(0, 0, 0)));
              } catch (WorkQueueFullException full) {
                assertThat(full).hasMessageContaining("4");
              }
            }
            for (int i = 0; i < 4; i++) {
              RdmaPair.next(near, Operation.WRITE);
            }
            near.post(new Write(1, List.of(), new RemoteBuffer(0, 0, 0)));
            RdmaPair.next(near, Operation.WRITE);
            assertThat(near.counters().completionStalls()).isOne();
          }
        });
    assertThat(only(events, "dev.offramp.CompletionStall").getLong("stalledNanos")).isPositive();
  }

  @Test
  void regionsAreRecorded() throws Exception {
    List<RecordedEvent> events =
        record(() -> {
          try (Offramp offramp = open();
              RdmaPair pair = RdmaPair.open(offramp)) {
            pair.initiator().allocate(12_345, Access.REMOTE_WRITE, Access.REMOTE_READ).close();
          }
        });
    List<RecordedEvent> regions =
        events.stream()
            .filter(e -> e.getEventType().getName().equals("dev.offramp.Region"))
            .toList();
    assertThat(regions).hasSize(2);
    assertThat(regions.get(0).getBoolean("registered")).isTrue();
    assertThat(regions.get(0).getLong("sizeBytes")).isEqualTo(12_345);
    assertThat(regions.get(0).getString("access")).isEqualTo("[REMOTE_READ, REMOTE_WRITE]");
    assertThat(regions.get(1).getBoolean("registered")).isFalse();
    assertThat(regions.get(1).getInt("stag")).isEqualTo(regions.get(0).getInt("stag"));
  }

  private interface Code {
    void run() throws Exception;
  }

  /** All that is recorded meanwhile, in order of time. */
  private static List<RecordedEvent> record(Code code) throws Exception {
    List<RecordedEvent> events = new ArrayList<>();
    try (RecordingStream stream = new RecordingStream()) {
      for (String name : List.of("Terminate", "ConnectionEnd", "CompletionStall", "Region")) {
        stream.enable("dev.offramp." + name);
      }
      stream.onEvent(events::add);
      stream.setReuse(false);
      stream.startAsync();
      code.run();
      stream.stop();
    }
    return events;
  }

  private static RecordedEvent only(List<RecordedEvent> events, String name) {
    List<RecordedEvent> found =
        events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }
}
