package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.conformance.Rows;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.mpa.MpaAgreement;
import dev.offramp.runtime.mpa.MpaExchange;
import dev.offramp.runtime.stream.DetachedNics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the standards want of the moment at which a stream of the host's kernel becomes an iWARP
 * stream of an RNIC (RFC 5044, section 7.1.5; RFC 6581, section 4.2), on a real kernel.
 */
@Timeout(120)
class SwitchIT {
  private static final int PLAIN_BYTES = 1 << 17;
  private static final int RDMA_BYTES = 400_001;
  private static final int MAX_IRD = 16_382;

  /**
   * A revision 1 Request without CRC, and a Send of four octets that its sender may not send yet.
   */
  private static final String EARLY =
      "4d504120494420526571204672616d65"
          + "00010000"
          + "0016"
          + "4143"
          + "00000000"
          + "00000000"
          + "00000001"
          + "00000000"
          + "cafebabe"
          + "00000000";

  private Topology topology;
  private DetachedNics.Registration nic;

  @BeforeEach
  void build() throws Exception {
    topology = Topology.create();
    nic = DetachedNics.provide("switch", topology.nic(), topology.nicNamespace());
  }

  @AfterEach
  void dismantle() throws Exception {
    nic.close();
    topology.close();
  }

  /** Both directions lose packets before, during and after the switch. */
  @ParameterizedTest
  @ValueSource(strings = {OfframpOptions.DETACHED, OfframpOptions.HOST_RESIDENT})
  @Rows(43)
  void whatTheCableLosesIsRecoveredAcrossTheSwitch(String rnic) throws Exception {
    topology
        .host()
        .namespace()
        .call(() -> {
          try (TcpPair tcp = connect();
              Offramp offramp = Offramp.open(options(rnic));
              Offramp peers = Offramp.open()) {
            Loss loss = Loss.at(topology.peer());
            assertThat(tcp.carriesPlainData(PLAIN_BYTES)).isTrue();
            FutureTask<RdmaConnection> responding =
                TcpPair.start(() -> peers.offload(tcp.far(), Mpa.responder().build()));
            try (RdmaConnection rdma =
                    offramp.offload(
                        tcp.near(), Mpa.initiator().peerToPeer(Set.of(RtrKind.WRITE)).build());
                RdmaConnection peer = TcpPair.join(responding)) {
              exchange(rdma, peer);
              exchange(peer, rdma);
              assertThat(loss.lost("ingress")).isPositive();
              assertThat(loss.lost("egress")).isPositive();
              loss.stop();
            }
          }
          return true;
        });
  }

  private static void exchange(RdmaConnection from, RdmaConnection to) throws Exception {
    try (MemoryRegion source = from.allocate(RDMA_BYTES, Access.REMOTE_READ);
        MemoryRegion written = to.allocate(RDMA_BYTES, Access.REMOTE_WRITE);
        MemoryRegion read = to.allocate(RDMA_BYTES, Access.REMOTE_WRITE);
        MemoryRegion received = to.allocate(RDMA_BYTES)) {
      byte[] content = TcpPair.bytes(source.stag(), RDMA_BYTES);
      MemorySegment.copy(content, 0, source.segment(), ValueLayout.JAVA_BYTE, 0, RDMA_BYTES);
      to.post(new Receive(received.whole()));
      from.post(new Write(1, source.whole(), written.advertise()));
      from.post(new Send(2, source.whole()));
      to.post(new Read(3, read.whole(), source.advertise()));
      RdmaPair.next(from, Operation.WRITE);
      RdmaPair.next(from, Operation.SEND);
      for (int i = 0; i < 2; i++) {
        assertThat(to.completions().take().isSuccess()).isTrue();
      }
      for (MemoryRegion copy : List.of(written, read, received)) {
        assertThat(copy.segment().mismatch(MemorySegment.ofArray(content))).isEqualTo(-1);
      }
    }
  }

  /** The peer is too early, against the rules: what it sent lies unread in the kernel. */
  @ParameterizedTest
  @ValueSource(strings = {OfframpOptions.DETACHED, OfframpOptions.HOST_RESIDENT})
  @Rows(44)
  void unreadBytesAreNotLost(String rnic) throws Exception {
    topology
        .host()
        .namespace()
        .call(() -> {
          try (TcpPair tcp = connect();
              Offramp offramp = Offramp.open(options(rnic))) {
            tcp.far().write(ByteBuffer.wrap(HexFormat.of().parseHex(EARLY)));
            MemoryRegion[] inbox = new MemoryRegion[1];
            try (RdmaConnection rdma =
                offramp.offload(
                    tcp.near(),
                    Mpa.responder().crc(false).build(),
                    connection -> {
                      inbox[0] = connection.allocate(8);
                      connection.post(new Receive(inbox[0].whole()));
                    })) {
              Completion received = RdmaPair.next(rdma, Operation.RECEIVE);
              assertThat(received.bytes()).isEqualTo(4);
              assertThat(inbox[0].segment().asSlice(0, 4).toArray(ValueLayout.JAVA_BYTE))
                  .isEqualTo(HexFormat.of().parseHex("cafebabe"));
              rdma.abort();
            }
          }
          return true;
        });
  }

  /** Also where the cable loses segments and acknowledgements. */
  @Test
  @Rows(72)
  void anInitiatorsStreamingBytesAreAcknowledgedBeforeItsFirstFpdu() throws Exception {
    topology
        .host()
        .namespace()
        .call(() -> {
          try (Offramp offramp = Offramp.open()) {
            for (int i = 0; i < 8; i++) {
              try (TcpPair tcp = connect()) {
                Loss loss = Loss.at(topology.peer());
                assertThat(tcp.carriesPlainData(PLAIN_BYTES / 4)).isTrue();
                FutureTask<MpaAgreement> responding =
                    TcpPair.start(() -> {
                      MpaAgreement agreement =
                          MpaExchange.run(tcp.far(), Mpa.responder().build(), MAX_IRD);
                      tcp.far().write(agreement.reply().asByteBuffer());
                      return agreement;
                    });
                MpaExchange.run(tcp.near(), Mpa.initiator().build(), MAX_IRD);
                try (Departure departure = offramp.hostStack().depart(tcp.near())) {
                  IwarpConnectionDescriptor d = departure.descriptor();
                  assertThat(d.value(DescriptorFields.SND_UNA))
                      .isEqualTo(d.value(DescriptorFields.SND_MAX));
                  assertThat(d.value(DescriptorFields.UNACKNOWLEDGED).isEmpty()).isTrue();
                  assertThat(d.value(DescriptorFields.UNSENT).isEmpty()).isTrue();
                }
                TcpPair.join(responding);
                loss.stop();
              }
            }
          }
          return true;
        });
  }

  /**
   * The other direction: silence until the first FPDU came, and with it the Reply's
   * acknowledgement.
   */
  @Test
  @Rows({39, 72})
  void aRespondersReplyIsAllThatItSendsBeforeItIsAcknowledged() throws Exception {
    topology
        .host()
        .namespace()
        .call(() -> {
          try (TcpPair tcp = connect();
              Offramp offramp = Offramp.open(options(OfframpOptions.DETACHED))) {
            // Without the Send that EARLY has.
            tcp.far().write(ByteBuffer.wrap(HexFormat.of().parseHex(EARLY.substring(0, 40))));
            try (RdmaConnection rdma =
                offramp.offload(
                    tcp.near(),
                    Mpa.responder().crc(false).build(),
                    connection -> connection.post(new Send(connection.allocate(8).whole())))) {
              byte[] reply = TcpPair.read(tcp.far(), 20);
              assertThat(new String(reply, 0, 16, StandardCharsets.US_ASCII))
                  .isEqualTo("MPA ID Rep Frame");
              tcp.far().configureBlocking(false);
              assertThat(tcp.far().read(ByteBuffer.allocate(1))).as("more than the Reply").isZero();
              tcp.far().configureBlocking(true);
              // A Write of no length.
              tcp.far()
                  .write(
                      ByteBuffer.wrap(
                          HexFormat.of().parseHex("000ec140" + "00".repeat(12) + "00000000")));
              assertThat(TcpPair.read(tcp.far(), 32)).startsWith(0, 26, 0x41, 0x43);
              rdma.abort();
            }
          }
          return true;
        });
  }

  private OfframpOptions options(String rnic) {
    return OfframpOptions.builder()
        .rnic(rnic)
        .setting(DetachedNics.SETTING, nic.name())
        .setting("softiwarp.first-fpdu-delay-micros", "0")
        .build();
  }

  private TcpPair connect() throws Exception {
    Topology.Node peer = topology.peer();
    try (ServerSocketChannel listener =
        peer.namespace()
            .call(() -> ServerSocketChannel.open().bind(new InetSocketAddress(peer.ipv4(), 0)))) {
      SocketChannel near = SocketChannel.open(listener.getLocalAddress());
      return new TcpPair(near, listener.accept());
    }
  }
}
