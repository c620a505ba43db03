package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.DriverReport;
import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompareSwap;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.LocalInvalidate;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.SendImmediate;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.conformance.Rows;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The front door with the software RNIC on the host's sockets: no privilege, one process. */
@Timeout(120)
class OfframpTest {
  private static final byte[] REQUEST_KEY = "MPA ID Req Frame".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REPLY_KEY = "MPA ID Rep Frame".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME_BYTES = 20;
  private static final int REJECTED = 0x20;
  private static final int PLAIN_BYTES = 1 << 18;

  private final List<TransferStep> steps = new CopyOnWriteArrayList<>();
  private Offramp offramp;

  @BeforeEach
  void open() {
    offramp =
        Offramp.open(
            OfframpOptions.builder()
                .setting("softiwarp.first-fpdu-delay-micros", "0")
                .listener((step, owner, start, end) -> steps.add(step))
                .build());
  }

  @AfterEach
  void close() {
    offramp.close();
  }

  @Test
  void itIsAvailable() {
    assertThat(Offramp.isAvailable()).isTrue();
    assertThat(Offramp.unavailabilityCause()).isEmpty();
    assertThat(offramp.drivers())
        .singleElement()
        .satisfies(driver -> {
          assertThat(driver.id()).isEqualTo("softiwarp");
          assertThat(driver.isUsable()).isTrue();
          assertThat(driver.rnics())
              .containsExactly(OfframpOptions.HOST_RESIDENT, OfframpOptions.DETACHED);
          assertThat(driver.capabilities()).contains("operation SEND", "MPA revision 2");
        });
  }

  // ---- operations

  @Test
  void writesAndReads() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      MemoryRegion from = filled(pair.initiator(), 3_000_000, 1);
      MemoryRegion to =
          pair.responder().allocate(3_000_000, Access.REMOTE_WRITE, Access.REMOTE_READ);
      MemoryRegion back = pair.initiator().allocate(3_000_000, Access.REMOTE_WRITE);
      pair.initiator().post(new Write(11, from.whole(), to.advertise()));
      pair.initiator().post(new Read(12, back.whole(), to.advertise()));
      assertThat(RdmaPair.next(pair.initiator(), Operation.WRITE).id()).isEqualTo(11);
      Completion read = RdmaPair.next(pair.initiator(), Operation.READ);
      assertThat(read.id()).isEqualTo(12);
      assertThat(read.bytes()).isEqualTo(3_000_000);
      assertThat(back.segment().mismatch(from.segment())).isEqualTo(-1);
      assertThat(to.segment().mismatch(from.segment())).isEqualTo(-1);
      assertThat(steps)
          .containsSubsequence(
              TransferStep.ADMIT,
              TransferStep.PREPARE,
              TransferStep.RELEASE,
              TransferStep.ACTIVATE);
    }
  }

  @Test
  void sendsOfAllKinds() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      RdmaConnection near = pair.initiator();
      RdmaConnection far = pair.responder();
      MemoryRegion message = filled(near, 100_000, 2);
      MemoryRegion buffer = far.allocate(100_000);
      MemoryRegion revoked = far.allocate(8, Access.REMOTE_WRITE, Access.REMOTE_INVALIDATE);
      for (int i = 0; i < 5; i++) {
        far.post(new Receive(i, List.of(buffer.slice(0, 60_000), buffer.slice(60_000, 40_000))));
      }
      near.post(new Send(message.whole()));
      Completion plain = RdmaPair.next(far, Operation.RECEIVE);
      assertThat(plain.bytes()).isEqualTo(100_000);
      assertThat(plain.solicited()).isFalse();
      assertThat(buffer.segment().mismatch(message.segment())).isEqualTo(-1);

      near.post(new Send(message.slice(5, 10)).withSolicitedEvent());
      assertThat(RdmaPair.next(far, Operation.RECEIVE).solicited()).isTrue();

      near.post(new Send(message.slice(0, 1)).invalidating(revoked.stag()));
      Completion invalidating = RdmaPair.next(far, Operation.RECEIVE);
      assertThat(invalidating.invalidatedStag()).hasValue(revoked.stag());
      assertThat(revoked.isValid()).isFalse();

      near.post(new SendImmediate(0, 0x0102_0304_0506_0708L, true));
      Completion immediate = RdmaPair.next(far, Operation.RECEIVE);
      assertThat(immediate.immediate()).hasValue(0x0102_0304_0506_0708L);
      assertThat(immediate.solicited()).isTrue();

      near.post(new Send(7, List.of(), false, java.util.OptionalInt.empty()));
      assertThat(RdmaPair.next(far, Operation.RECEIVE).bytes()).isZero();
    }
  }

  @Test
  void atomicsAndLocalInvalidate() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      RdmaConnection near = pair.initiator();
      MemoryRegion word = pair.responder().allocate(8, Access.REMOTE_ATOMIC);
      MemoryRegion former = near.allocate(8, Access.REMOTE_WRITE);
      word.segment().set(ValueLayout.JAVA_LONG, 0, 40);
      near.post(new FetchAdd(1, former.whole(), word.advertise(), 2, 0));
      RdmaPair.next(near, Operation.FETCH_ADD);
      assertThat(former.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(40);
      near.post(new CompareSwap(2, former.whole(), word.advertise(), 42, -1, 7, -1));
      RdmaPair.next(near, Operation.COMPARE_SWAP);
      assertThat(former.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
      assertThat(word.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(7);
      near.post(new LocalInvalidate(3, former.stag()));
      RdmaPair.next(near, Operation.LOCAL_INVALIDATE);
      assertThat(former.isValid()).isFalse();
    }
  }

  @Test
  void completionsCanBePolledWithoutAnyOtherThread() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      MemoryRegion message = filled(pair.initiator(), 64, 3);
      MemoryRegion buffer = pair.responder().allocate(64);
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        pair.responder().post(new Receive(i, buffer.whole()));
        pair.initiator().post(new Send(i, message.whole()));
      }
      while (ids.size() < 100) {
        pair.responder()
            .completions()
            .poll((id, operation, status, bytes, detail) -> ids.add(id), 7);
      }
      assertThat(ids).isSorted().endsWith(99L);
      int sent = 0;
      while (sent < 100) {
        sent += pair.initiator().completions().poll((id, op, status, bytes, detail) -> {}, 1000);
      }
    }
  }

  // ---- setup

  /** The peer's first Send arrives together with the Reply; the buffer has to be there. */
  @Test
  void receivesOfTheSetupAreInTime() throws Exception {
    TcpPair tcp = TcpPair.open();
    ConnectionSetup receiving = c -> c.post(new Receive(5, c.allocate(64).whole()));
    ConnectionSetup sending = c -> c.post(new Send(6, c.allocate(64).whole()));
    try (RdmaPair pair =
        RdmaPair.open(offramp, tcp.near(), sending, offramp, tcp.far(), receiving)) {
      assertThat(RdmaPair.next(pair.responder(), Operation.RECEIVE).id()).isEqualTo(5);
      assertThat(RdmaPair.next(pair.initiator(), Operation.SEND).id()).isEqualTo(6);
    }
  }

  @Test
  void aSetupThatThrowsGivesThePlainConnectionBackToAnInitiator() throws Exception {
    try (TcpPair tcp = TcpPair.open()) {
      TcpPair.write(tcp.far(), frame(REPLY_KEY));
      TransferException e =
          catchThrowableOfType(
              TransferException.class,
              () ->
                  offramp.offload(
                      tcp.near(),
                      Mpa.initiator().revision(1).build(),
                      connection -> {
                        connection.allocate(1 << 20);
                        throw new IOException("not today");
                      }));
      assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
      assertThat(e).hasRootCauseMessage("not today");
      assertThat(tcp.near().isBlocking()).isTrue();
      TcpPair.read(tcp.far(), FRAME_BYTES);
      assertThat(tcp.carriesPlainData(PLAIN_BYTES)).isTrue();
      assertThat(steps).contains(TransferStep.RESUME).doesNotContain(TransferStep.RELEASE);
    }
  }

  @Test
  @Rows({36, 38})
  void aSetupThatThrowsIsARejectionByAResponder() throws Exception {
    try (TcpPair tcp = TcpPair.open()) {
      TcpPair.write(tcp.far(), frame(REQUEST_KEY));
      assertThatThrownBy(() ->
              offramp.offload(
                  tcp.near(),
                  Mpa.responder().build(),
                  connection -> {
                    throw new IllegalStateException("not today");
                  }))
          .isInstanceOf(TransferException.class)
          .hasRootCauseMessage("not today");
      byte[] reply = TcpPair.read(tcp.far(), FRAME_BYTES);
      assertThat(reply).startsWith(REPLY_KEY);
      assertThat(reply[16] & REJECTED).isNotZero();
      assertThat(tcp.carriesPlainData(PLAIN_BYTES)).isTrue();
      TcpPair.write(tcp.far(), frame(REQUEST_KEY));
      // Nothing of the failed move stands in the way of the next one.
      try (RdmaConnection rdma = offramp.offload(tcp.near(), Mpa.responder().build())) {
        assertThat(TcpPair.read(tcp.far(), FRAME_BYTES)[16] & REJECTED).isZero();
        rdma.abort();
      }
    }
  }

  // ---- the end

  @Test
  @Rows(46)
  void anOrderlyEnd() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      FutureTask<StreamEnd> far =
          TcpPair.start(() -> {
            StreamEnd end = endOf(pair.responder());
            pair.responder().close();
            return end;
          });
      assertThat(pair.initiator().disconnect()).isInstanceOf(StreamEnd.ClosedLocally.class);
      assertThat(TcpPair.join(far)).isInstanceOf(StreamEnd.ClosedByPeer.class);
      assertThatThrownBy(() -> pair.initiator().post(new SendImmediate(1, 1, false)))
          .isInstanceOf(ConnectionClosedException.class);
    }
  }

  @Test
  void anAbort() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      pair.initiator().abort();
      assertThat(endOf(pair.initiator())).isInstanceOf(StreamEnd.ClosedLocally.class);
      assertThat(endOf(pair.responder())).isInstanceOf(StreamEnd.Reset.class);
    }
  }

  @Test
  @Rows({49, 90, 105, 116})
  void aSendWithoutABufferTerminates() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      pair.initiator().post(new Send(filled(pair.initiator(), 10, 1).whole()));
      StreamEnd near = endOf(pair.initiator());
      StreamEnd far = endOf(pair.responder());
      assertThat(near)
          .isInstanceOfSatisfying(
              StreamEnd.TerminatedByPeer.class,
              end ->
                  assertThat(end.terminate().toString())
                      .isEqualTo("1/2/02 invalid MSN: no buffer available"));
      assertThat(far)
          .isInstanceOfSatisfying(
              StreamEnd.TerminatedLocally.class,
              end -> assertThat(end.terminate().code()).isEqualTo(2));
    }
  }

  @Test
  @Rows(47)
  void aFinInsideAnFpduIsATruncation() throws Exception {
    try (TcpPair tcp = TcpPair.open()) {
      TcpPair.write(tcp.far(), frame(REPLY_KEY));
      try (RdmaConnection rdma = offramp.offload(tcp.near(), Mpa.initiator().revision(1).build())) {
        TcpPair.write(tcp.far(), new byte[] {0, 18, 0x41});
        tcp.far().shutdownOutput();
        assertThat(endOf(rdma)).isInstanceOf(StreamEnd.TruncatedByPeer.class);
      }
    }
  }

  @Test
  void closingOfframpAbortsWhatIsLeft() throws Exception {
    RdmaPair pair = RdmaPair.open(offramp);
    offramp.close();
    offramp.close();
    assertThat(endOf(pair.initiator())).isNotNull();
    try (TcpPair tcp = TcpPair.open()) {
      assertRefused(tcp.near(), RefusalReason.NO_OWNER);
      assertThat(tcp.carriesPlainData(PLAIN_BYTES)).isTrue();
    }
  }

  // ---- many

  @Test
  void manyConnectionsShareFewThreads() throws Exception {
    int count = 50;
    List<RdmaPair> pairs = new ArrayList<>();
    List<Thread> waiting = new ArrayList<>();
    List<String> heard = new CopyOnWriteArrayList<>();
    CountDownLatch all = new CountDownLatch(count);
    try {
      for (int i = 0; i < count; i++) {
        RdmaPair pair = RdmaPair.open(offramp);
        pairs.add(pair);
        MemoryRegion buffer = pair.responder().allocate(64);
        pair.responder().post(new Receive(buffer.whole()));
        waiting.add(
            Thread.startVirtualThread(() -> {
              try {
                pair.responder().completions().take();
                heard.add(buffer.segment().getString(0));
                all.countDown();
              } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
              }
            }));
      }
      for (int i = 0; i < count; i++) {
        RdmaConnection near = pairs.get(i).initiator();
        MemoryRegion message = near.allocate(64);
        message.segment().setString(0, "connection " + i);
        near.post(new Send(message.whole()));
      }
      for (Thread thread : waiting) {
        assertThat(thread.join(java.time.Duration.ofSeconds(60))).isTrue();
      }
      assertThat(all.getCount()).isZero();
      assertThat(heard).doesNotHaveDuplicates().hasSize(count);
      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().startsWith("offramp-")))
          .hasSizeBetween(1, 4);
    } finally {
      pairs.forEach(RdmaPair::close);
    }
  }

  // ---- refusals: nothing was stopped or sent

  @Test
  void aClosedChannel() throws Exception {
    TcpPair tcp = TcpPair.open();
    tcp.close();
    assertRefused(tcp.near(), RefusalReason.CLOSED);
  }

  @Test
  void anUnconnectedChannel() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      assertRefused(channel, RefusalReason.TCP_STATE);
    }
  }

  @Test
  void aUnixDomainChannel(@TempDir Path directory) throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(address);
      try (SocketChannel channel = SocketChannel.open(address)) {
        assertRefused(channel, RefusalReason.NOT_TCP);
      }
    }
  }

  @Test
  void aChannelWithASelector() throws Exception {
    try (TcpPair tcp = TcpPair.open();
        Selector selector = Selector.open()) {
      tcp.near().configureBlocking(false);
      SelectionKey key = tcp.near().register(selector, SelectionKey.OP_READ);
      assertRefused(tcp.near(), RefusalReason.CHANNEL_IN_USE);
      assertThat(key.isValid()).isTrue();
    }
  }

  @Test
  void aHalfClosedChannel() throws Exception {
    try (TcpPair tcp = TcpPair.open()) {
      tcp.near().shutdownOutput();
      assertRefused(tcp.near(), RefusalReason.HALF_CLOSED);
    }
  }

  @Test
  void anRnicThatIsNotThere() throws Exception {
    try (Offramp other = Offramp.open(OfframpOptions.builder().rnic("t5").build());
        TcpPair tcp = TcpPair.open()) {
      assertThatThrownBy(() -> other.offload(tcp.near(), Mpa.initiator().build()))
          .isInstanceOf(TransferException.class)
          .hasMessageContaining("no RNIC [t5]; there are: [softiwarp, softiwarp-detached]");
      assertThat(other.drivers()).allMatch(DriverReport::isUsable);
    }
  }

  @Test
  void aDetachedRnicThatNobodyProvided() throws Exception {
    try (Offramp other =
            Offramp.open(OfframpOptions.builder().rnic(OfframpOptions.DETACHED).build());
        TcpPair tcp = TcpPair.open()) {
      assertThatThrownBy(() -> other.offload(tcp.near(), Mpa.initiator().build()))
          .isInstanceOf(TransferException.class)
          .hasMessageContaining("detached.nic")
          .hasMessageContaining("provided: none");
    }
  }

  private void assertRefused(SocketChannel channel, RefusalReason reason) {
    boolean wasOpen = channel.isOpen();
    boolean wasBlocking = channel.isBlocking();
    TransferException e =
        catchThrowableOfType(
            TransferException.class, () -> offramp.offload(channel, Mpa.initiator().build()));
    assertThat(e.step()).isEqualTo(TransferStep.ADMIT);
    assertThat(e.refusals()).extracting(Refusal::reason).containsExactly(reason);
    assertThat(channel.isOpen()).isEqualTo(wasOpen);
    assertThat(channel.isBlocking()).isEqualTo(wasBlocking);
  }

  /** Takes completions until the stream's end. */
  private static StreamEnd endOf(RdmaConnection connection) throws InterruptedException {
    while (true) {
      try {
        connection.completions().take();
      } catch (ConnectionClosedException e) {
        return e.end();
      }
    }
  }

  private static MemoryRegion filled(RdmaConnection connection, int size, long seed) {
    MemoryRegion region = connection.allocate(size, Access.REMOTE_READ);
    MemorySegment.copy(
        TcpPair.bytes(seed, size), 0, region.segment(), ValueLayout.JAVA_BYTE, 0, size);
    return region;
  }

  private static byte[] frame(byte[] key) {
    return ByteBuffer.allocate(FRAME_BYTES)
        .put(key)
        .put((byte) 0x40)
        .put((byte) 1)
        .putShort((short) 0)
        .array();
  }
}
