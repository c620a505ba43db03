package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.provider.chelsio.adapter.Parameters;
import dev.offramp.provider.chelsio.wire.CplL2tWriteReq;
import dev.offramp.provider.chelsio.wire.FwRiWr;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor in the chip's terms. Derived from an admitted descriptor, so that nothing here can
 * fail any more.
 *
 * @param descriptor the whole of it
 * @param local the local end
 * @param remote the remote end
 * @param mpa what MPA start-up agreed
 * @param mssIndex which of the adapter's MTUs it uses
 * @param emssBytes payload of a full segment
 * @param scaling whether windows are scaled
 * @param peerScale the shift of the peer's window ({@code RCV_SCALE})
 * @param ownScale the shift of the own window ({@code SND_SCALE})
 * @param sack whether selective acknowledgement is in use
 * @param ecn whether explicit congestion notification is
 * @param keepAlive whether keep-alives are sent
 * @param dscp of outgoing packets
 * @param rcvAdv the peer's window as it stands in a header
 * @param sndUna where the send buffer begins: all before it is acknowledged
 * @param rcvNxt the next byte expected
 * @param rcvWnd the own window in bytes
 * @param lastAckDistance how far the last acknowledgement is below {@code rcvNxt}
 * @param cwndBytes congestion window; 0 when not known
 * @param ssthreshBytes slow-start threshold; 0 when not known
 * @param sourceMac six octets, the first most significant
 * @param nextHopMac likewise
 * @param vlan tag control information, or {@link CplL2tWriteReq#VLAN_NONE}
 * @param streaming bytes to be sent before RDMA mode: unsent ones, a Responder's Reply
 * @param replyBytes how many of these, at the end, are the Reply
 */
record ConnectionPlan(
    IwarpConnectionDescriptor descriptor,
    InetSocketAddress local,
    InetSocketAddress remote,
    MpaResult mpa,
    int mssIndex,
    int emssBytes,
    boolean scaling,
    int peerScale,
    int ownScale,
    boolean sack,
    boolean ecn,
    boolean keepAlive,
    int dscp,
    int rcvAdv,
    long sndUna,
    long rcvNxt,
    long rcvWnd,
    long lastAckDistance,
    long cwndBytes,
    long ssthreshBytes,
    long sourceMac,
    long nextHopMac,
    int vlan,
    Octets streaming,
    int replyBytes) {

  /** Everything that is read here. */
  static final Set<FieldKey<?>> CONSUMES =
      Set.of(
          DescriptorFields.LOCAL_ADDRESS,
          DescriptorFields.REMOTE_ADDRESS,
          DescriptorFields.SEND_MSS_BYTES,
          DescriptorFields.WINDOW_SCALING,
          DescriptorFields.SEND_WINDOW_SCALE,
          DescriptorFields.RECEIVE_WINDOW_SCALE,
          DescriptorFields.SACK_PERMITTED,
          DescriptorFields.TIMESTAMPS,
          DescriptorFields.ECN,
          DescriptorFields.SOURCE_MAC,
          DescriptorFields.NEXT_HOP_MAC,
          DescriptorFields.VLAN_TAG,
          DescriptorFields.DSCP,
          DescriptorFields.TCP_STATE,
          DescriptorFields.SND_UNA,
          DescriptorFields.SND_WND,
          DescriptorFields.RCV_NXT,
          DescriptorFields.RCV_WND,
          DescriptorFields.RCV_WUP,
          DescriptorFields.CWND_BYTES,
          DescriptorFields.SSTHRESH_BYTES,
          DescriptorFields.UNACKNOWLEDGED,
          DescriptorFields.UNSENT,
          DescriptorFields.UNREAD,
          DescriptorFields.IWARP_PHASE,
          DescriptorFields.MPA_ROLE,
          DescriptorFields.MPA_REVISION,
          DescriptorFields.MPA_CRC,
          DescriptorFields.MPA_SEND_MARKERS,
          DescriptorFields.MPA_RECEIVE_MARKERS,
          DescriptorFields.REMOTE_PRIVATE_DATA,
          DescriptorFields.IRD,
          DescriptorFields.ORD,
          DescriptorFields.PEER_IRD,
          DescriptorFields.PEER_ORD,
          DescriptorFields.RTR,
          DescriptorFields.SEND_MSN,
          DescriptorFields.READ_REQUEST_MSN,
          DescriptorFields.RECEIVE_MSN,
          DescriptorFields.READ_RESPONSE_MSN,
          DescriptorFields.ATOMIC_RESPONSE_MSN,
          DescriptorFields.PEER_ATOMIC_RESPONSE_MSN,
          DescriptorFields.PEER_HEARD,
          DescriptorFields.READY_TO_RECEIVE_SENT,
          DescriptorFields.READY_TO_RECEIVE_AWAITED,
          DescriptorFields.STARTED_WORK,
          DescriptorFields.PEER_REQUESTS,
          DescriptorFields.PARTIAL_MESSAGE,
          DescriptorFields.REGIONS,
          DescriptorFields.KEEP_ALIVE);

  private static final String FIRST = "1, before the first FPDU; needed in RDMA mode";

  /** What is used where a field is absent; the others of {@link #CONSUMES} have to be there. */
  static final Map<FieldKey<?>, String> DEFAULTS =
      Map.ofEntries(
          Map.entry(DescriptorFields.SEND_WINDOW_SCALE, "0"),
          Map.entry(DescriptorFields.RECEIVE_WINDOW_SCALE, "0"),
          Map.entry(DescriptorFields.SACK_PERMITTED, "false"),
          Map.entry(DescriptorFields.ECN, "false"),
          Map.entry(DescriptorFields.DSCP, "0"),
          Map.entry(DescriptorFields.VLAN_TAG, "untagged"),
          Map.entry(DescriptorFields.RCV_WUP, "rcvNxt: all is acknowledged"),
          Map.entry(DescriptorFields.CWND_BYTES, "what the firmware begins with"),
          Map.entry(DescriptorFields.SSTHRESH_BYTES, "what the firmware begins with"),
          // A peer that did not say (RFC 5044 start-up), and nothing that came with its frame.
          Map.entry(DescriptorFields.PEER_IRD, "not told"),
          Map.entry(DescriptorFields.PEER_ORD, "not told"),
          Map.entry(DescriptorFields.REMOTE_PRIVATE_DATA, "none"),
          Map.entry(DescriptorFields.SEND_MSN, FIRST),
          Map.entry(DescriptorFields.READ_REQUEST_MSN, FIRST),
          Map.entry(DescriptorFields.RECEIVE_MSN, FIRST),
          Map.entry(DescriptorFields.READ_RESPONSE_MSN, FIRST),
          Map.entry(DescriptorFields.ATOMIC_RESPONSE_MSN, "1: no atomic operations"),
          Map.entry(DescriptorFields.PEER_ATOMIC_RESPONSE_MSN, "1: no atomic operations"),
          Map.entry(DescriptorFields.PEER_HEARD, "false"),
          Map.entry(DescriptorFields.READY_TO_RECEIVE_SENT, "false"),
          Map.entry(DescriptorFields.READY_TO_RECEIVE_AWAITED, "false"),
          Map.entry(DescriptorFields.STARTED_WORK, "none"),
          Map.entry(DescriptorFields.PEER_REQUESTS, "none"),
          Map.entry(DescriptorFields.PARTIAL_MESSAGE, "none"),
          Map.entry(DescriptorFields.REGIONS, "none"),
          Map.entry(DescriptorFields.KEEP_ALIVE, "false"));

  static ConnectionPlan of(IwarpConnectionDescriptor d, Parameters parameters) {
    InetSocketAddress local = d.value(DescriptorFields.LOCAL_ADDRESS);
    boolean ipv6 = local.getAddress() instanceof Inet6Address;
    int mss = d.value(DescriptorFields.SEND_MSS_BYTES);
    boolean scaling = d.value(DescriptorFields.WINDOW_SCALING);
    int peerScale = scaling ? d.get(DescriptorFields.SEND_WINDOW_SCALE).orElse(0) : 0;
    int ownScale = scaling ? d.get(DescriptorFields.RECEIVE_WINDOW_SCALE).orElse(0) : 0;
    long rcvNxt = d.value(DescriptorFields.RCV_NXT);
    MpaResult mpa = MpaResult.of(d);
    Octets streaming = d.value(DescriptorFields.UNSENT);
    return new ConnectionPlan(
        d,
        local,
        d.value(DescriptorFields.REMOTE_ADDRESS),
        mpa,
        parameters.mtus().indexOfMss(mss, ipv6),
        mss,
        scaling,
        peerScale,
        ownScale,
        d.get(DescriptorFields.SACK_PERMITTED).orElse(false),
        d.get(DescriptorFields.ECN).orElse(false),
        d.get(DescriptorFields.KEEP_ALIVE).orElse(false),
        d.get(DescriptorFields.DSCP).orElse(0),
        (int) (d.value(DescriptorFields.SND_WND) >>> peerScale),
        d.value(DescriptorFields.SND_UNA),
        rcvNxt,
        d.value(DescriptorFields.RCV_WND),
        Sequence.distance(d.get(DescriptorFields.RCV_WUP).orElse(rcvNxt), rcvNxt),
        Math.min(d.get(DescriptorFields.CWND_BYTES).orElse(0L), Limits.MAX_28_BITS),
        Math.min(d.get(DescriptorFields.SSTHRESH_BYTES).orElse(0L), Limits.MAX_28_BITS),
        d.value(DescriptorFields.SOURCE_MAC).value(),
        d.value(DescriptorFields.NEXT_HOP_MAC).value(),
        d.get(DescriptorFields.VLAN_TAG)
            .map(ConnectionPlan::tagControl)
            .orElse(CplL2tWriteReq.VLAN_NONE),
        streaming,
        Math.min(streaming.length(), replyBytes(d, mpa)));
  }

  /** IEEE 802.1Q: priority 15:13, drop eligible 12, id 11:0. */
  static int tagControl(VlanTag tag) {
    return tag.priority() << 13 | (tag.dropEligible() ? 1 << 12 : 0) | tag.id();
  }

  private static int replyBytes(IwarpConnectionDescriptor d, MpaResult mpa) {
    if (mpa.role() == MpaRole.INITIATOR) {
      return 0;
    }
    int enhanced = mpa.revision() >= Limits.ENHANCED_REVISION ? Limits.MPA_ENHANCED_BYTES : 0;
    return Limits.MPA_HEADER_BYTES
        + enhanced
        + d.get(DescriptorFields.LOCAL_PRIVATE_DATA).orElse(Octets.empty()).length();
  }

  /** The VLAN tag with which it came; null for none. */
  @Nullable VlanTag tag() {
    return descriptor.isKnown(DescriptorFields.VLAN_TAG)
        ? descriptor.value(DescriptorFields.VLAN_TAG)
        : null;
  }

  boolean ipv6() {
    return local.getAddress() instanceof Inet6Address;
  }

  boolean initiator() {
    return mpa.role() == MpaRole.INITIATOR;
  }

  /** Whether FPDUs have flowed before it came here. */
  boolean resumed() {
    return descriptor.value(DescriptorFields.IWARP_PHASE) == IwarpPhase.RDMA;
  }

  /** Whether the peer was heard before it came here. */
  boolean peerHeard() {
    return resumed() && descriptor.get(DescriptorFields.PEER_HEARD).orElse(false);
  }

  /** Where the first FPDU of this end begins. */
  long firstSent() {
    return resumed()
        ? descriptor
            .get(DescriptorFields.MPA_SEND_START)
            .orElse(Sequence.plus(sndUna, -octets(DescriptorFields.SENT_OCTETS)))
        : Sequence.plus(sndUna, streaming.length());
  }

  /** Where the peer's first FPDU begins. */
  long firstReceived() {
    return resumed()
        ? descriptor
            .get(DescriptorFields.MPA_RECEIVE_START)
            .orElse(Sequence.plus(rcvNxt, -octets(DescriptorFields.RECEIVED_OCTETS)))
        : rcvNxt;
  }

  private long octets(FieldKey<Long> key) {
    return descriptor.get(key).orElse(0L);
  }

  /**
   * Whether the chip may send at once. Inference: INIT's role decides that and nothing else, so a
   * Responder that has heard its peer goes on as an Initiator without an indication.
   */
  boolean speaksFirst() {
    return initiator() || peerHeard();
  }

  /** Whether a ready-to-receive indication is still to be sent, or to come. */
  private boolean indicates() {
    return !resumed()
        || !(initiator()
            ? descriptor.get(DescriptorFields.READY_TO_RECEIVE_SENT).orElse(false)
            : peerHeard());
  }

  /** The kind of ready-to-receive indication, in the firmware's numbers. */
  int p2pType() {
    if (!indicates()) {
      return FwRiWr.P2P_DISABLED;
    }
    return switch (mpa.rtr()) {
      case WRITE -> FwRiWr.P2P_WRITE;
      case READ -> FwRiWr.P2P_READ;
      case SEND, NONE -> FwRiWr.P2P_DISABLED;
    };
  }
}
