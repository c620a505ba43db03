package dev.offramp.models;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.StreamPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A connection on a {@link SimulatedLink}, at the instant when the host's stack has stopped it: the
 * peer's end lives, the host's is described and silent. Built by {@link #builder}.
 */
public final class SimulatedConnection {
  private static final String SOURCE = "simulation";
  private static final int SEGMENTS = 10;

  private final SimulatedLink link;
  private final SimulatedTcp peer;
  private final IwarpConnectionDescriptor descriptor;

  private SimulatedConnection(Builder b) {
    this.link = b.link;
    this.descriptor = b.describe();
    this.peer = b.connect();
  }

  /** A connection with sequence numbers that wrap soon, different scales, and empty queues. */
  public static Builder builder(SimulatedLink link) {
    return new Builder(link);
  }

  /** The peer's end, as the peer's application has it. */
  public StreamPort peer() {
    return peer;
  }

  /** What the host's stack says of the connection: IP and TCP state, no iWARP. */
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  /**
   * The same with what MPA start-up agreed.
   *
   * @param mpa the host's view
   * @param localPrivateData what the host's frame carried
   * @param reply a Responder's Reply, to be sent by the new owner; empty for an Initiator, whose
   *     start-up is over
   */
  public IwarpConnectionDescriptor started(MpaResult mpa, Octets localPrivateData, Octets reply) {
    Octets unsent = descriptor.value(DescriptorFields.UNSENT).concat(reply);
    long sendStart = descriptor.value(DescriptorFields.SND_MAX) + unsent.length();
    long receiveStart =
        descriptor.value(DescriptorFields.RCV_NXT)
            - descriptor.value(DescriptorFields.UNREAD).length();
    IwarpConnectionDescriptor.Builder b =
        descriptor.toBuilder()
            .present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, SOURCE)
            .present(DescriptorFields.MPA_ROLE, mpa.role(), SOURCE)
            .present(DescriptorFields.MPA_REVISION, mpa.revision(), SOURCE)
            .present(DescriptorFields.MPA_CRC, mpa.crc(), SOURCE)
            .present(DescriptorFields.MPA_SEND_MARKERS, mpa.sendMarkers(), SOURCE)
            .present(DescriptorFields.MPA_RECEIVE_MARKERS, mpa.receiveMarkers(), SOURCE)
            .present(DescriptorFields.LOCAL_PRIVATE_DATA, localPrivateData, SOURCE)
            .present(DescriptorFields.REMOTE_PRIVATE_DATA, mpa.privateData(), SOURCE)
            .present(DescriptorFields.IRD, mpa.ird(), SOURCE)
            .present(DescriptorFields.ORD, mpa.ord(), SOURCE)
            .present(DescriptorFields.RTR, mpa.rtr(), SOURCE)
            .derived(DescriptorFields.UNSENT, unsent, SOURCE)
            .derived(DescriptorFields.MPA_SEND_START, sendStart & 0xFFFF_FFFFL, SOURCE)
            .derived(DescriptorFields.MPA_RECEIVE_START, receiveStart & 0xFFFF_FFFFL, SOURCE);
    if (mpa.peerIrd() >= 0) {
      b.present(DescriptorFields.PEER_IRD, mpa.peerIrd(), SOURCE);
    }
    if (mpa.peerOrd() >= 0) {
      b.present(DescriptorFields.PEER_ORD, mpa.peerOrd(), SOURCE);
    }
    return b.build();
  }

  /**
   * The host's stack takes the connection again, as an adapter has described it on hand-back.
   *
   * @throws TransferException when the description lacks what TCP needs
   * @throws IllegalStateException while an adapter still claims the 4-tuple
   */
  public StreamPort resumeAtHost(IwarpConnectionDescriptor handedBack) throws TransferException {
    return link.resumeAtHost(handedBack);
  }

  /** Decides how a connection stands. */
  public static final class Builder {
    private final SimulatedLink link;
    private final SplittableRandom random;
    private boolean v6;
    private @Nullable VlanTag vlan;
    private int hostPort = 7471;
    private int peerPort = 40_001;
    private int sendScale = 7;
    private int receiveScale = 9;
    private int mssBytes;
    private long sendWindowBytes = 65_536;
    private long receiveWindowBytes = 131_072;
    private boolean timestamps;
    private int hostSequence;
    private int peerSequence;
    private byte[] unacknowledged = new byte[0];
    private boolean lost;
    private byte[] unsent = new byte[0];
    private byte[] unread = new byte[0];

    private Builder(SimulatedLink link) {
      this.link = link;
      this.random = new SplittableRandom(1);
      // Near the end of sequence space, so that signs and carries are tried by every test.
      hostSequence = -random.nextInt(1, 20_000);
      peerSequence = Integer.MAX_VALUE - random.nextInt(1, 20_000);
    }

    public Builder ipv6() {
      v6 = true;
      return this;
    }

    public Builder vlan(VlanTag tag) {
      vlan = tag;
      return this;
    }

    public Builder ports(int host, int peer) {
      hostPort = host;
      peerPort = peer;
      return this;
    }

    /** Shifts of the windows that the peer advertises, and of those advertised to the peer. */
    public Builder windowScales(int send, int receive) {
      sendScale = send;
      receiveScale = receive;
      return this;
    }

    /** What the peer offers, and what it was offered. */
    public Builder windows(long sendBytes, long receiveBytes) {
      sendWindowBytes = sendBytes;
      receiveWindowBytes = receiveBytes;
      return this;
    }

    /** What a full segment carries; unless said, what the MTU lets it carry. */
    public Builder mssBytes(int bytes) {
      mssBytes = bytes;
      return this;
    }

    public Builder timestamps() {
      timestamps = true;
      return this;
    }

    /** SND.UNA and RCV.NXT of the host. */
    public Builder sequences(int sndUna, int rcvNxt) {
      hostSequence = sndUna;
      peerSequence = rcvNxt;
      return this;
    }

    /**
     * Bytes that the host has sent and the peer has not acknowledged, as the host knows.
     *
     * @param lost whether the segments were lost, and not the acknowledgement
     */
    public Builder unacknowledged(byte[] bytes, boolean lost) {
      this.unacknowledged = bytes.clone();
      this.lost = lost;
      return this;
    }

    /** Bytes behind them that were never sent. */
    public Builder unsent(byte[] bytes) {
      this.unsent = bytes.clone();
      return this;
    }

    /** Bytes that the host has received and its application has not read. */
    public Builder unread(byte[] bytes) {
      this.unread = bytes.clone();
      return this;
    }

    /** Lays the connection. */
    public SimulatedConnection build() {
      if (mssBytes == 0) {
        mssBytes = SimulatedLink.MTU_BYTES - (v6 ? 60 : 40) - (timestamps ? 12 : 0);
      }
      synchronized (link.monitor()) {
        return new SimulatedConnection(this);
      }
    }

    private InetSocketAddress host() {
      return new InetSocketAddress(address(1), hostPort);
    }

    private InetSocketAddress remote() {
      return new InetSocketAddress(address(2), peerPort);
    }

    private InetAddress address(int number) {
      byte[] octets = v6 ? new byte[16] : new byte[] {10, 77, 3, (byte) number};
      if (v6) {
        octets[0] = (byte) 0xfd;
        octets[3] = 0x77;
        octets[15] = (byte) number;
      }
      try {
        return InetAddress.getByAddress(octets);
      } catch (UnknownHostException e) {
        throw new AssertionError("4 or 16 octets are an address", e);
      }
    }

    private static MacAddress mac(int number) {
      return MacAddress.of(new byte[] {2, 0x4f, 0x46, 0x53, 0x49, (byte) number});
    }

    private SimulatedTcp connect() {
      SimulatedTcp peer =
          link.addPeer(
              new SimulatedTcp.Setup(
                  remote(),
                  host(),
                  peerSequence,
                  peerSequence,
                  receiveWindowBytes,
                  hostSequence,
                  receiveScale,
                  hostSequence + (lost ? 0 : unacknowledged.length),
                  hostSequence,
                  sendWindowBytes,
                  sendScale,
                  mssBytes,
                  timestamps,
                  new SimulatedSegment.Frame(mac(1), vlan)),
              new SimulatedSegment.Frame(mac(2), vlan));
      link.addHost(host(), remote());
      if (!lost) {
        peer.preloadIncoming(ByteBuffer.wrap(unacknowledged));
      }
      peer.speak();
      return peer;
    }

    private IwarpConnectionDescriptor describe() {
      long sndMax = Integer.toUnsignedLong(hostSequence + unacknowledged.length);
      IwarpConnectionDescriptor.Builder b =
          IwarpConnectionDescriptor.builder()
              .present(DescriptorFields.LOCAL_ADDRESS, host(), SOURCE)
              .present(DescriptorFields.REMOTE_ADDRESS, remote(), SOURCE)
              .present(DescriptorFields.V4_MAPPED_SOCKET, false, SOURCE)
              .present(DescriptorFields.SEND_MSS_BYTES, mssBytes, SOURCE)
              .present(DescriptorFields.MSS_CLAMP_BYTES, v6 ? 1440 : 1460, SOURCE)
              .present(DescriptorFields.WINDOW_SCALING, true, SOURCE)
              .present(DescriptorFields.SEND_WINDOW_SCALE, sendScale, SOURCE)
              .present(DescriptorFields.RECEIVE_WINDOW_SCALE, receiveScale, SOURCE)
              .present(DescriptorFields.SACK_PERMITTED, false, SOURCE)
              .present(DescriptorFields.TIMESTAMPS, timestamps, SOURCE)
              .present(DescriptorFields.ECN, false, SOURCE)
              .present(DescriptorFields.EGRESS_INTERFACE, "simulated0", SOURCE)
              .present(DescriptorFields.EGRESS_INTERFACE_INDEX, 2, SOURCE)
              .present(DescriptorFields.SOURCE_MAC, mac(1), SOURCE)
              .present(DescriptorFields.NEXT_HOP, address(2), SOURCE)
              .present(DescriptorFields.NEXT_HOP_MAC, mac(2), SOURCE)
              .present(DescriptorFields.PATH_MTU_BYTES, SimulatedLink.MTU_BYTES, SOURCE)
              .present(DescriptorFields.HOP_LIMIT, 64, SOURCE)
              .present(DescriptorFields.DSCP, 0, SOURCE)
              .present(DescriptorFields.ECN_CODEPOINT, 0, SOURCE)
              .present(DescriptorFields.TCP_STATE, TcpState.ESTABLISHED, SOURCE);
      if (vlan != null) {
        b.present(DescriptorFields.VLAN_TAG, vlan, SOURCE);
      } else {
        b.absent(DescriptorFields.VLAN_TAG, "untagged");
      }
      if (timestamps) {
        b.present(DescriptorFields.TIMESTAMP_NOW, 1L, SOURCE);
      }
      return b.present(DescriptorFields.SND_UNA, SimulatedDeparture.unsigned(hostSequence), SOURCE)
          .present(DescriptorFields.SND_NXT, sndMax, SOURCE)
          .present(DescriptorFields.SND_MAX, sndMax, SOURCE)
          .present(DescriptorFields.SND_WND, sendWindowBytes, SOURCE)
          .present(DescriptorFields.SND_WL1, SimulatedDeparture.unsigned(peerSequence - 1), SOURCE)
          .present(DescriptorFields.MAX_SND_WND, sendWindowBytes, SOURCE)
          .present(DescriptorFields.RCV_NXT, SimulatedDeparture.unsigned(peerSequence), SOURCE)
          .present(DescriptorFields.RCV_WND, receiveWindowBytes, SOURCE)
          .present(DescriptorFields.RCV_WUP, SimulatedDeparture.unsigned(peerSequence), SOURCE)
          .present(DescriptorFields.CWND_BYTES, (long) SEGMENTS * mssBytes, SOURCE)
          .absent(DescriptorFields.SSTHRESH_BYTES, "no loss so far")
          .present(DescriptorFields.SRTT_MICROS, 250L, SOURCE)
          .present(DescriptorFields.RTTVAR_MICROS, 125L, SOURCE)
          .present(DescriptorFields.RTO_MICROS, 204_000L, SOURCE)
          .present(DescriptorFields.UNACKNOWLEDGED, Octets.copyOf(unacknowledged), SOURCE)
          .present(DescriptorFields.UNSENT, Octets.copyOf(unsent), SOURCE)
          .present(DescriptorFields.UNREAD, Octets.copyOf(unread), SOURCE)
          .present(DescriptorFields.NO_DELAY, true, SOURCE)
          .build();
    }
  }
}
