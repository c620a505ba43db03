package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompareSwap;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.FetchAdd;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.SendImmediate;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.conformance.Rows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many connections, several regions, and what one connection must not do to another. */
@Timeout(120)
class ManyAndSeveralTest {
  private static final String REPLY = "4d504120494420526570204672616d65" + "00010000";
  private static final int PAIRS = 150;
  private static final int ADDS = 500;
  private static final byte CANARY = 0x5A;

  private Offramp offramp;

  @BeforeEach
  void open() {
    offramp =
        Offramp.open(
            OfframpOptions.builder()
                .setting("softiwarp.first-fpdu-delay-micros", "0")
                // Scripted peers are silent here, and count what they get.
                .setting("softiwarp.wake-up-millis", "0")
                .build());
  }

  @AfterEach
  void close() {
    offramp.close();
  }

  private static MemoryRegion filled(RdmaConnection connection, int bytes, Access... access) {
    MemoryRegion region = connection.allocate(bytes, access);
    byte[] content = TcpPair.bytes(region.stag(), bytes);
    MemorySegment.copy(content, 0, region.segment(), ValueLayout.JAVA_BYTE, 0, bytes);
    return region;
  }

  // ---- several

  /** Eight pieces out of four regions into eight pieces of three, none of them aligned. */
  @Test
  void piecesOfSeveralRegionsMakeOneMessage() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      RdmaConnection near = pair.initiator();
      RdmaConnection far = pair.responder();
      List<MemoryRegion> from = new ArrayList<>();
      List<MemoryRegion> to = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        from.add(filled(near, 50_000));
        to.add(far.allocate(60_000));
      }
      int[] lengths = {1, 20_011, 0, 333, 7, 41_000, 2, 19_999};
      List<LocalBuffer> pieces = new ArrayList<>();
      byte[] expected = new byte[81_353];
      int at = 0;
      for (int i = 0; i < lengths.length; i++) {
        MemoryRegion region = from.get(i % 4);
        pieces.add(region.slice(i * 100L, lengths[i]));
        MemorySegment.copy(
            region.segment(), ValueLayout.JAVA_BYTE, i * 100L, expected, at, lengths[i]);
        at += lengths[i];
      }
      assertThat(at).isEqualTo(expected.length);
      List<LocalBuffer> inbox = new ArrayList<>();
      int[] rooms = {13, 40_000, 1, 1, 20_000, 0, 21_338, 500};
      for (int i = 0; i < rooms.length; i++) {
        inbox.add(to.get(i % 3).slice(i, rooms[i]));
      }
      MemoryRegion written = far.allocate(expected.length, Access.REMOTE_WRITE);
      far.post(new Receive(1, inbox));
      near.post(new Write(2, pieces, written.advertise()));
      near.post(new Send(3, pieces, false, OptionalInt.empty()));
      RdmaPair.next(near, Operation.WRITE);
      RdmaPair.next(near, Operation.SEND);
      assertThat(RdmaPair.next(far, Operation.RECEIVE).bytes()).isEqualTo(expected.length);
      assertThat(written.segment().mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
      int read = 0;
      for (int i = 0; i < rooms.length && read < expected.length; i++) {
        int count = Math.min(rooms[i], expected.length - read);
        // Pieces of one region overlap here; the later one wins, so only the last is compared.
        if (i >= 6) {
          assertThat(
                  MemorySegment.mismatch(
                      to.get(i % 3).segment(),
                      i,
                      i + count,
                      MemorySegment.ofArray(expected),
                      read,
                      read + count))
              .isEqualTo(-1);
        }
        read += count;
      }
    }
  }

  @Test
  void overIpv6() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0));
      SocketChannel near = SocketChannel.open(listener.getLocalAddress());
      try (TcpPair tcp = new TcpPair(near, listener.accept())) {
        FutureTask<RdmaConnection> responding =
            TcpPair.start(() -> offramp.offload(tcp.far(), Mpa.responder().build()));
        try (RdmaConnection rdma = offramp.offload(tcp.near(), Mpa.initiator().build());
            RdmaConnection peer = TcpPair.join(responding)) {
          assertThat(rdma.remoteAddress().getAddress()).isEqualTo(InetAddress.ofLiteral("::1"));
          MemoryRegion from = filled(rdma, 1_000_000);
          MemoryRegion to = peer.allocate(1_000_000, Access.REMOTE_WRITE);
          MemoryRegion inbox = peer.allocate(8);
          peer.post(new Receive(inbox.whole()));
          rdma.post(new Write(1, from.whole(), to.advertise()));
          rdma.post(new Send(from.slice(0, 8)));
          RdmaPair.next(peer, Operation.RECEIVE);
          assertThat(to.segment().mismatch(from.segment())).isEqualTo(-1);
        }
      }
    }
  }

  // ---- many

  /**
   * One peer does not read its socket, one application does not poll its completions: all others go
   * on, and those two when it is their turn again.
   */
  @Test
  @Rows(118)
  void aSlowConnectionSlowsOnlyItself() throws Exception {
    List<RdmaPair> pairs = new ArrayList<>();
    try (TcpPair tcp = TcpPair.open()) {
      TcpPair.write(tcp.far(), HexFormat.of().parseHex(REPLY));
      RdmaConnection stuck =
          offramp.offload(tcp.near(), Mpa.initiator().revision(1).crc(false).build());
      MemoryRegion much = stuck.allocate(32 << 20);
      stuck.post(new Write(1, much.whole(), new RemoteBuffer(1, 0, 32 << 20)));
      for (int i = 0; i < PAIRS; i++) {
        pairs.add(RdmaPair.open(offramp));
      }
      RdmaPair unpolled = pairs.getFirst();
      for (int i = 0; i < 10; i++) {
        unpolled.initiator().post(new Write(i, List.of(), new RemoteBuffer(0, 0, 0)));
      }
      for (int round = 0; round < 3; round++) {
        for (RdmaPair pair : pairs.subList(1, PAIRS)) {
          exchange(pair);
        }
      }
      assertThat(stuck.completions().poll()).as("nobody reads").isEmpty();
      assertThat(stuck.end()).isEmpty();
      for (int i = 0; i < 10; i++) {
        assertThat(RdmaPair.next(unpolled.initiator(), Operation.WRITE).id()).isEqualTo(i);
      }
      FutureTask<Boolean> draining =
          TcpPair.start(() -> {
            ByteBuffer sink = ByteBuffer.allocate(1 << 20);
            while (tcp.far().read(sink.clear()) >= 0) {
              // Nothing is looked at: the peer only makes room.
            }
            return true;
          });
      assertThat(RdmaPair.next(stuck, Operation.WRITE).bytes()).isEqualTo(32 << 20);
      FutureTask<StreamEnd> ending = TcpPair.start(stuck::disconnect);
      assertThat(TcpPair.join(draining)).isTrue();
      tcp.far().shutdownOutput();
      assertThat(TcpPair.join(ending)).isInstanceOf(StreamEnd.ClosedLocally.class);
      stuck.close();
    } finally {
      pairs.forEach(RdmaPair::close);
    }
  }

  private static void exchange(RdmaPair pair) throws Exception {
    try (MemoryRegion from = filled(pair.initiator(), 10_000);
        MemoryRegion to = pair.responder().allocate(10_000)) {
      pair.responder().post(new Receive(to.whole()));
      pair.initiator().post(new Send(from.whole()));
      RdmaPair.next(pair.initiator(), Operation.SEND);
      RdmaPair.next(pair.responder(), Operation.RECEIVE);
      assertThat(to.segment().mismatch(from.segment())).isEqualTo(-1);
    }
  }

  // ---- between streams

  @Test
  @Rows({94, 118})
  void theStagOfAnotherConnectionEndsOnlyTheStreamThatUsedIt() throws Exception {
    try (RdmaPair owner = RdmaPair.open(offramp);
        RdmaPair intruder = RdmaPair.open(offramp)) {
      MemoryRegion target = owner.responder().allocate(64, Access.REMOTE_WRITE);
      target.segment().fill(CANARY);
      intruder
          .initiator()
          .post(new Write(1, filled(intruder.initiator(), 64).whole(), target.advertise()));
      assertThat(endOf(intruder.initiator()))
          .isInstanceOfSatisfying(
              StreamEnd.TerminatedByPeer.class,
              end -> assertThat(end.terminate().toString()).startsWith("1/1/02"));
      assertThat(target.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(CANARY);
      assertThat(target.isValid()).isTrue();
      exchange(owner);
    }
  }

  /** A region that is closed under fire is not touched any more. */
  @Test
  @Rows(95)
  void aRegionThatIsClosedDuringTrafficIsSafe() throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp);
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(1 << 20);
      MemoryRegion target = pair.responder().register(memory, Access.REMOTE_WRITE);
      RemoteBuffer remote = target.advertise();
      MemoryRegion source = filled(pair.initiator(), 1 << 20);
      FutureTask<Integer> writing =
          TcpPair.start(() -> {
            int done = 0;
            try {
              while (true) {
                pair.initiator().post(new Write(done, source.whole(), remote));
                if (pair.initiator().completions().take().isSuccess()) {
                  done++;
                }
              }
            } catch (ConnectionClosedException ended) {
              return done;
            }
          });
      while (memory.get(ValueLayout.JAVA_BYTE, (1 << 20) - 1)
          != source.segment().get(ValueLayout.JAVA_BYTE, (1 << 20) - 1)) {
        Thread.onSpinWait();
      }
      target.close();
      memory.fill(CANARY);
      assertThat(TcpPair.join(writing)).isPositive();
      assertThat(endOf(pair.initiator()))
          .isInstanceOfSatisfying(
              StreamEnd.TerminatedByPeer.class,
              end -> assertThat(end.terminate().toString()).startsWith("1/1/00"));
      assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(CANARY);
    }
  }

  @Test
  @Rows(124)
  void twoStreamsThatAddToOneWordLoseNothing() throws Exception {
    try (RdmaPair one = RdmaPair.open(offramp);
        RdmaPair two = RdmaPair.open(offramp);
        Arena arena = Arena.ofShared()) {
      MemorySegment word = arena.allocate(8, 8);
      FutureTask<Boolean> first = TcpPair.start(() -> hammer(one, word));
      FutureTask<Boolean> second = TcpPair.start(() -> hammer(two, word));
      TcpPair.join(first);
      TcpPair.join(second);
      assertThat(word.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(2 * ADDS);
    }
  }

  private static boolean hammer(RdmaPair pair, MemorySegment word) throws Exception {
    MemoryRegion target = pair.responder().register(word, Access.REMOTE_ATOMIC);
    MemoryRegion former = pair.initiator().allocate(8, Access.REMOTE_WRITE);
    for (int i = 0; i < ADDS; i++) {
      pair.initiator().post(new FetchAdd(i, former.whole(), target.advertise(), 1, 0));
      RdmaPair.next(pair.initiator(), Operation.FETCH_ADD);
    }
    target.close();
    return true;
  }

  // ---- half close

  /** This end closes first: its Read is still answered, its Receives are flushed. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Rows({46, 88})
  void theOrderInWhichTheEndsCloseDoesNotMatter(boolean initiatorFirst) throws Exception {
    try (RdmaPair pair = RdmaPair.open(offramp)) {
      RdmaConnection first = initiatorFirst ? pair.initiator() : pair.responder();
      RdmaConnection second = initiatorFirst ? pair.responder() : pair.initiator();
      MemoryRegion source = filled(second, 3_000_000, Access.REMOTE_READ);
      MemoryRegion sink = first.allocate(3_000_000, Access.REMOTE_WRITE);
      first.post(new Receive(1, List.of()));
      second.post(new Receive(2, List.of()));
      first.post(new Read(3, sink.whole(), source.advertise()));
      FutureTask<StreamEnd> firstEnd = TcpPair.start(first::disconnect);
      Completion flushed = second.completions().take();
      assertThat(flushed.operation()).isEqualTo(Operation.RECEIVE);
      assertThat(flushed.status()).isEqualTo(CompletionStatus.FLUSHED);
      assertThat(second.end()).containsInstanceOf(StreamEnd.ClosedByPeer.class);
      assertThat(second.disconnect()).isInstanceOf(StreamEnd.ClosedByPeer.class);
      assertThat(TcpPair.join(firstEnd)).isInstanceOf(StreamEnd.ClosedLocally.class);
      RdmaPair.next(first, Operation.READ);
      assertThat(sink.segment().mismatch(source.segment())).isEqualTo(-1);
      assertThat(first.completions().take().status()).isEqualTo(CompletionStatus.FLUSHED);
    }
  }

  /** The peer closes although it owes an answer. */
  @Test
  @Rows({46, 114})
  void aPeerThatClosesWithAReadInFlightFlushesIt() throws Exception {
    try (TcpPair tcp = TcpPair.open()) {
      TcpPair.write(tcp.far(), HexFormat.of().parseHex(REPLY));
      try (RdmaConnection rdma =
          offramp.offload(tcp.near(), Mpa.initiator().revision(1).crc(false).build())) {
        MemoryRegion sink = rdma.allocate(64, Access.REMOTE_WRITE);
        rdma.post(new Receive(1, List.of(sink.whole())));
        rdma.post(new Read(2, sink.whole(), new RemoteBuffer(1, 0, 64)));
        // The Request of start-up, then the Read Request.
        TcpPair.read(tcp.far(), 20 + 2 + 46 + 4);
        tcp.far().shutdownOutput();
        for (long id = 2; id >= 1; id--) {
          Completion completion = rdma.completions().take();
          assertThat(completion.id()).isEqualTo(id);
          assertThat(completion.status()).isEqualTo(CompletionStatus.FLUSHED);
        }
        assertThat(rdma.end()).containsInstanceOf(StreamEnd.ClosedByPeer.class);
        assertThat(tcp.far().read(ByteBuffer.allocate(1))).as("this end closes, too").isEqualTo(-1);
      }
    }
  }

  private static StreamEnd endOf(RdmaConnection connection) throws InterruptedException {
    try {
      while (true) {
        connection.completions().take();
      }
    } catch (ConnectionClosedException ended) {
      return connection.end().orElseThrow();
    }
  }

  // ---- RFC 7306, not offered

  @Test
  @Rows({120, 126})
  void whatIsNotOfferedIsRefusedHereAndThere() throws Exception {
    try (Offramp plain =
            Offramp.open(
                OfframpOptions.builder()
                    .setting("softiwarp.atomics", "0")
                    .setting("softiwarp.immediate-data", "0")
                    .build());
        TcpPair tcp = TcpPair.open()) {
      FutureTask<RdmaConnection> responding =
          TcpPair.start(() -> plain.offload(tcp.far(), Mpa.responder().build()));
      try (RdmaConnection near = offramp.offload(tcp.near(), Mpa.initiator().build());
          RdmaConnection far = TcpPair.join(responding)) {
        assertThat(near.operations()).contains(Operation.FETCH_ADD, Operation.COMPARE_SWAP);
        assertThat(far.operations())
            .contains(Operation.SEND, Operation.READ)
            .doesNotContain(Operation.FETCH_ADD, Operation.COMPARE_SWAP, Operation.IMMEDIATE);
        MemoryRegion word = far.allocate(8, Access.REMOTE_ATOMIC, Access.REMOTE_WRITE);
        RemoteBuffer remote = new RemoteBuffer(1, 0, 8);
        assertThatRefused(far, new FetchAdd(1, word.whole(), remote, 1, 0));
        assertThatRefused(far, new CompareSwap(1, word.whole(), remote, 0, 0, 0, 0));
        assertThatRefused(far, new SendImmediate(1, 2, false));
        assertThat(far.end()).isEmpty();
        MemoryRegion former = near.allocate(8, Access.REMOTE_WRITE);
        near.post(new FetchAdd(1, former.whole(), word.advertise(), 1, 0));
        assertThat(endOf(near))
            .isInstanceOfSatisfying(
                StreamEnd.TerminatedByPeer.class,
                end -> assertThat(end.terminate().toString()).startsWith("0/2/06"));
        assertThat(word.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
      }
    }
  }

  private static void assertThatRefused(RdmaConnection connection, WorkRequest request) {
    assertThatThrownBy(() -> connection.post(request))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("seen [" + request.operation() + "]")
        .hasMessageContaining("SEND");
  }
}
