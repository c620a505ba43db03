package dev.offramp.api.descriptor;

import static dev.offramp.api.descriptor.FieldTypes.ADDRESS;
import static dev.offramp.api.descriptor.FieldTypes.BOOL;
import static dev.offramp.api.descriptor.FieldTypes.MAC;
import static dev.offramp.api.descriptor.FieldTypes.SOCKET_ADDRESS;
import static dev.offramp.api.descriptor.FieldTypes.UINT32;
import static dev.offramp.api.descriptor.FieldTypes.UINT63;
import static dev.offramp.api.descriptor.FieldTypes.VLAN;
import static dev.offramp.api.descriptor.FieldTypes.choice;
import static dev.offramp.api.descriptor.FieldTypes.octets;
import static dev.offramp.api.descriptor.FieldTypes.range;
import static dev.offramp.api.descriptor.FieldTypes.text;
import static dev.offramp.api.descriptor.RdmaFieldTypes.COMPLETION;
import static dev.offramp.api.descriptor.RdmaFieldTypes.PEER_REQUEST;
import static dev.offramp.api.descriptor.RdmaFieldTypes.REGION;
import static dev.offramp.api.descriptor.RdmaFieldTypes.WORK;
import static dev.offramp.api.descriptor.RdmaFieldTypes.list;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Completion;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apiguardian.api.API;

/**
 * Every field that a descriptor has. Sequence numbers and windows are unsigned 32-bit values kept
 * in a {@code Long}; windows are in bytes after scaling unless the name says otherwise. Names of
 * TCP variables are those of RFC 9293, section 3.3.1, where it has one.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class DescriptorFields {
  /** The largest queue that travels in a descriptor: TCP's largest window (RFC 7323, 2.2). */
  public static final int MAX_QUEUE_BYTES = 1 << 30;

  /** RFC 5044, section 7.1.1: PD_Length is 0..512. */
  public static final int MAX_PRIVATE_DATA_BYTES = 512;

  /** The IRD/ORD value that means "the ULP takes care of it" (RFC 6581, section 9.1). */
  public static final int ULP_MANAGED_DEPTH = 0x3FFF;

  private static final List<FieldKey<?>> KEYS = new ArrayList<>();

  // ---- constant

  public static final FieldKey<InetSocketAddress> LOCAL_ADDRESS =
      constant(1, "localAddress", SOCKET_ADDRESS, "local end of the 4-tuple, with scope id");
  public static final FieldKey<InetSocketAddress> REMOTE_ADDRESS =
      constant(2, "remoteAddress", SOCKET_ADDRESS, "remote end of the 4-tuple, with scope id");

  /** IPv4 spoken through an IPv6 socket: what a JDK socket usually is. */
  public static final FieldKey<Boolean> V4_MAPPED_SOCKET =
      constant(3, "v4MappedSocket", BOOL, "IPv4 packets on an AF_INET6 socket");

  public static final FieldKey<Integer> SEND_MSS_BYTES =
      constant(4, "sendMssBytes", range(1, 65535), "payload bytes of a full segment sent (EMSS)");

  /** What the peer announced, before options are subtracted. Restores a socket's clamp. */
  public static final FieldKey<Integer> MSS_CLAMP_BYTES =
      constant(5, "mssClampBytes", range(1, 65535), "MSS option of the peer's SYN");

  public static final FieldKey<Boolean> WINDOW_SCALING =
      constant(6, "windowScaling", BOOL, "window scale option negotiated (RFC 7323)");
  public static final FieldKey<Integer> SEND_WINDOW_SCALE =
      constant(7, "sendWindowScale", range(0, 14), "shift for windows that the peer advertises");
  public static final FieldKey<Integer> RECEIVE_WINDOW_SCALE =
      constant(8, "receiveWindowScale", range(0, 14), "shift for windows advertised to the peer");
  public static final FieldKey<Boolean> SACK_PERMITTED =
      constant(9, "sackPermitted", BOOL, "selective acknowledgement negotiated (RFC 2018)");
  public static final FieldKey<Boolean> TIMESTAMPS =
      constant(10, "timestamps", BOOL, "timestamp option negotiated (RFC 7323)");
  public static final FieldKey<Boolean> ECN =
      constant(11, "ecn", BOOL, "explicit congestion notification negotiated (RFC 3168)");

  /** The sequence number of the first octet of the first FPDU sent: the marker origin. */
  public static final FieldKey<Long> MPA_SEND_START =
      constant(12, "mpaSendStart", UINT32, "SEQ of the first FPDU octet sent (RFC 5044, 4.3)");

  /** The sequence number of the first octet of the first FPDU received: the marker origin. */
  public static final FieldKey<Long> MPA_RECEIVE_START =
      constant(13, "mpaReceiveStart", UINT32, "SEQ of the first FPDU octet received");

  public static final FieldKey<TcpResidence> TCP_RESIDENCE =
      constant(14, "tcpResidence", choice(TcpResidence.class), "where TCP runs after the move");

  // ---- cached

  public static final FieldKey<String> EGRESS_INTERFACE =
      cached(32, "egressInterface", text(64), "interface that the route leaves by");
  public static final FieldKey<Integer> EGRESS_INTERFACE_INDEX =
      cached(33, "egressInterfaceIndex", range(1, Integer.MAX_VALUE), "its index");
  public static final FieldKey<MacAddress> SOURCE_MAC =
      cached(34, "sourceMac", MAC, "Ethernet source of outgoing frames");
  public static final FieldKey<InetAddress> NEXT_HOP =
      cached(35, "nextHop", ADDRESS, "IP address of the next hop; the peer's own when on-link");
  public static final FieldKey<MacAddress> NEXT_HOP_MAC =
      cached(36, "nextHopMac", MAC, "Ethernet destination of outgoing frames");
  public static final FieldKey<VlanTag> VLAN_TAG =
      cached(37, "vlanTag", VLAN, "802.1Q tag of outgoing frames; absent when untagged");
  public static final FieldKey<Integer> PATH_MTU_BYTES =
      cached(38, "pathMtuBytes", range(68, 65535), "path MTU (RFC 1191, RFC 8201)");
  public static final FieldKey<Integer> HOP_LIMIT =
      cached(39, "hopLimit", range(1, 255), "IPv4 TTL or IPv6 hop limit of outgoing packets");
  public static final FieldKey<Integer> DSCP =
      cached(40, "dscp", range(0, 63), "differentiated services code point (RFC 2474)");
  public static final FieldKey<Integer> ECN_CODEPOINT =
      cached(41, "ecnCodepoint", range(0, 3), "the two low bits of TOS or traffic class");
  public static final FieldKey<Integer> FLOW_LABEL =
      cached(42, "flowLabel", range(0, 0xFFFFF), "IPv6 flow label (RFC 6437)");

  // ---- delegated

  public static final FieldKey<TcpState> TCP_STATE =
      delegated(64, "tcpState", choice(TcpState.class), "state of RFC 9293, 3.3.2");
  public static final FieldKey<Long> SND_UNA =
      delegated(65, "sndUna", UINT32, "oldest unacknowledged sequence number");
  public static final FieldKey<Long> SND_NXT =
      delegated(66, "sndNxt", UINT32, "next sequence number to be sent");
  public static final FieldKey<Long> SND_MAX =
      delegated(67, "sndMax", UINT32, "highest sequence number sent, plus one");
  public static final FieldKey<Long> SND_WND =
      delegated(68, "sndWnd", UINT32, "window that the peer offers, bytes");
  public static final FieldKey<Long> SND_WL1 =
      delegated(69, "sndWl1", UINT32, "segment sequence number of the last window update");
  public static final FieldKey<Long> MAX_SND_WND =
      delegated(70, "maxSndWnd", UINT32, "largest window that the peer has offered, bytes");
  public static final FieldKey<Long> RCV_NXT =
      delegated(71, "rcvNxt", UINT32, "next sequence number expected");
  public static final FieldKey<Long> RCV_WND =
      delegated(72, "rcvWnd", UINT32, "window last advertised to the peer, bytes");
  public static final FieldKey<Long> RCV_WUP =
      delegated(73, "rcvWup", UINT32, "rcvNxt when that window was advertised");

  /** Written back unmodified: on newer kernels its low bit says that the clock ticks in µs. */
  public static final FieldKey<Long> TIMESTAMP_NOW =
      delegated(74, "timestampNow", UINT32, "own timestamp clock when described");

  public static final FieldKey<Long> TS_RECENT =
      delegated(75, "tsRecent", UINT32, "TS.Recent: timestamp to echo (RFC 7323, 4.3)");
  public static final FieldKey<Long> TS_RECENT_AGE_MILLIS =
      delegated(76, "tsRecentAgeMillis", UINT32, "time since TS.Recent was updated");
  public static final FieldKey<Long> CWND_BYTES =
      delegated(77, "cwndBytes", UINT63, "congestion window (RFC 5681)");
  public static final FieldKey<Long> SSTHRESH_BYTES =
      delegated(78, "ssthreshBytes", UINT63, "slow-start threshold; absent until first loss");
  public static final FieldKey<Long> SRTT_MICROS =
      delegated(79, "srttMicros", UINT32, "smoothed round-trip time (RFC 6298)");
  public static final FieldKey<Long> RTTVAR_MICROS =
      delegated(80, "rttvarMicros", UINT32, "round-trip time variation (RFC 6298)");
  public static final FieldKey<Long> RTO_MICROS =
      delegated(81, "rtoMicros", UINT32, "retransmission timeout (RFC 6298)");
  public static final FieldKey<Octets> UNACKNOWLEDGED =
      delegated(82, "unacknowledged", octets(MAX_QUEUE_BYTES), "sent bytes, sndUna to sndMax");
  public static final FieldKey<Octets> UNSENT =
      delegated(83, "unsent", octets(MAX_QUEUE_BYTES), "bytes from sndMax on, never sent");
  public static final FieldKey<Octets> UNREAD =
      delegated(84, "unread", octets(MAX_QUEUE_BYTES), "received bytes that end at rcvNxt");

  // ---- iWARP

  public static final FieldKey<IwarpPhase> IWARP_PHASE =
      iwarp(128, "phase", choice(IwarpPhase.class), "how far MPA start-up has come");
  public static final FieldKey<MpaRole> MPA_ROLE =
      iwarp(129, "mpaRole", choice(MpaRole.class), "role in MPA start-up");
  public static final FieldKey<Integer> MPA_REVISION =
      iwarp(130, "mpaRevision", range(1, 2), "negotiated revision (RFC 5044, RFC 6581)");
  public static final FieldKey<Boolean> MPA_CRC =
      iwarp(131, "mpaCrc", BOOL, "CRC32c generated and checked, both directions");
  public static final FieldKey<Boolean> MPA_SEND_MARKERS =
      iwarp(132, "mpaSendMarkers", BOOL, "markers inserted into what is sent");
  public static final FieldKey<Boolean> MPA_RECEIVE_MARKERS =
      iwarp(133, "mpaReceiveMarkers", BOOL, "markers expected in what is received");
  public static final FieldKey<Octets> LOCAL_PRIVATE_DATA =
      iwarp(134, "localPrivateData", octets(MAX_PRIVATE_DATA_BYTES), "private data sent, exact");
  public static final FieldKey<Octets> REMOTE_PRIVATE_DATA =
      iwarp(135, "remotePrivateData", octets(MAX_PRIVATE_DATA_BYTES), "private data received");
  public static final FieldKey<Integer> IRD =
      iwarp(136, "ird", range(0, ULP_MANAGED_DEPTH), "inbound RDMA Read depth; 16383: by the ULP");
  public static final FieldKey<Integer> ORD =
      iwarp(137, "ord", range(0, ULP_MANAGED_DEPTH), "outbound RDMA Read depth; 16383: by the ULP");
  public static final FieldKey<RtrKind> RTR =
      iwarp(138, "rtr", choice(RtrKind.class), "ready-to-receive indication agreed on");
  public static final FieldKey<Long> SEND_MSN =
      iwarp(139, "sendMsn", UINT32, "next MSN sent on queue 0 (RFC 5041, 4.3)");
  public static final FieldKey<Long> READ_REQUEST_MSN =
      iwarp(140, "readRequestMsn", UINT32, "next MSN sent on queue 1");
  public static final FieldKey<Long> RECEIVE_MSN =
      iwarp(141, "receiveMsn", UINT32, "next MSN expected on queue 0");
  public static final FieldKey<Long> READ_RESPONSE_MSN =
      iwarp(142, "readResponseMsn", UINT32, "next MSN expected on queue 1");

  /** As it stood in the peer's frame, not clipped. */
  public static final FieldKey<Integer> PEER_IRD =
      iwarp(143, "peerIrd", range(0, ULP_MANAGED_DEPTH), "IRD that the peer announced");

  /** As it stood in the peer's frame, not clipped. */
  public static final FieldKey<Integer> PEER_ORD =
      iwarp(144, "peerOrd", range(0, ULP_MANAGED_DEPTH), "ORD that the peer announced");

  // ---- iWARP, in RDMA mode: see RdmaModeRules for what must hold between them

  public static final FieldKey<Long> ATOMIC_RESPONSE_MSN =
      iwarp(145, "atomicResponseMsn", UINT32, "next MSN sent on queue 3 (RFC 7306, 5.2)");
  public static final FieldKey<Long> PEER_ATOMIC_RESPONSE_MSN =
      iwarp(146, "peerAtomicResponseMsn", UINT32, "next MSN expected on queue 3");

  /** Unsent bytes of the descriptor included. Its low nine bits are the phase of the markers. */
  public static final FieldKey<Long> SENT_OCTETS =
      iwarp(147, "sentOctets", UINT63, "octets of FPDUs sent, with markers and unsent ones");

  /** To the end of the last whole FPDU that was taken; {@link #UNREAD} begins right there. */
  public static final FieldKey<Long> RECEIVED_OCTETS =
      iwarp(148, "receivedOctets", UINT63, "octets of FPDUs taken, with markers, unread ones not");

  public static final FieldKey<Boolean> PEER_HEARD =
      iwarp(149, "peerHeard", BOOL, "an FPDU has come: a Responder may speak (RFC 5044, 7.1.2)");
  public static final FieldKey<Boolean> READY_TO_RECEIVE_SENT =
      iwarp(150, "readyToReceiveSent", BOOL, "an Initiator's RTR indication is sent");
  public static final FieldKey<Boolean> READY_TO_RECEIVE_AWAITED =
      iwarp(151, "readyToReceiveAwaited", BOOL, "it was a Read, and its Response is to come");
  public static final FieldKey<List<RegisteredMemory>> REGIONS =
      iwarp(152, "regions", list(REGION), "STags of this end; their memory does not travel");
  public static final FieldKey<List<StartedWork>> STARTED_WORK =
      iwarp(153, "startedWork", list(RdmaFieldTypes.STARTED_WORK), "work begun, oldest first");
  public static final FieldKey<List<PostedWork>> POSTED_WORK =
      iwarp(154, "postedWork", list(WORK), "work not begun, in order, Receives aside");
  public static final FieldKey<List<PostedWork>> POSTED_RECEIVES =
      iwarp(155, "postedReceives", list(WORK), "Receives, in order");
  public static final FieldKey<List<PeerRequest>> PEER_REQUESTS =
      iwarp(156, "peerRequests", list(PEER_REQUEST), "the peer's Reads and atomics to answer");

  /** Absent between two messages. */
  public static final FieldKey<PartialMessage> PARTIAL_MESSAGE =
      iwarp(157, "partialMessage", RdmaFieldTypes.PARTIAL_MESSAGE, "half a message on queue 0");

  /** For whoever carries the connection; the new owner does not deliver them. */
  public static final FieldKey<List<Completion>> COMPLETIONS =
      iwarp(158, "completions", list(COMPLETION), "completions that nobody has polled yet");

  // ---- options

  public static final FieldKey<Boolean> NO_DELAY = option(192, "noDelay", BOOL, "TCP_NODELAY");
  public static final FieldKey<Boolean> KEEP_ALIVE = option(193, "keepAlive", BOOL, "SO_KEEPALIVE");
  public static final FieldKey<Integer> KEEP_ALIVE_IDLE_SECONDS =
      option(194, "keepAliveIdleSeconds", range(1, 32767), "TCP_KEEPIDLE");
  public static final FieldKey<Integer> KEEP_ALIVE_INTERVAL_SECONDS =
      option(195, "keepAliveIntervalSeconds", range(1, 32767), "TCP_KEEPINTVL");
  public static final FieldKey<Integer> KEEP_ALIVE_PROBES =
      option(196, "keepAliveProbes", range(1, 127), "TCP_KEEPCNT");
  public static final FieldKey<Long> USER_TIMEOUT_MILLIS =
      option(197, "userTimeoutMillis", UINT32, "TCP_USER_TIMEOUT; 0: the system's");
  public static final FieldKey<String> CONGESTION_CONTROL =
      option(198, "congestionControl", text(16), "TCP_CONGESTION");
  public static final FieldKey<Integer> LINGER_SECONDS =
      option(199, "lingerSeconds", range(0, 65535), "SO_LINGER; absent when off");
  public static final FieldKey<Boolean> OUT_OF_BAND_INLINE =
      option(200, "outOfBandInline", BOOL, "SO_OOBINLINE");

  private static final List<FieldKey<?>> ALL = Collections.unmodifiableList(KEYS);

  private static final List<FieldKey<Long>> MESSAGE_NUMBERS =
      List.of(
          SEND_MSN,
          READ_REQUEST_MSN,
          ATOMIC_RESPONSE_MSN,
          RECEIVE_MSN,
          READ_RESPONSE_MSN,
          PEER_ATOMIC_RESPONSE_MSN);

  private static final List<FieldKey<?>> STREAM_POSITION =
      Stream.<FieldKey<?>>concat(
              MESSAGE_NUMBERS.stream(),
              Stream.of(
                  SENT_OCTETS,
                  RECEIVED_OCTETS,
                  PEER_HEARD,
                  READY_TO_RECEIVE_SENT,
                  READY_TO_RECEIVE_AWAITED))
          .toList();

  private DescriptorFields() {}

  /** All fields in the order of their numbers. */
  public static List<FieldKey<?>> all() {
    return ALL;
  }

  /** The next MSNs of each queue of a stream in RDMA mode: this end's, then the peer's. */
  public static List<FieldKey<Long>> messageNumbers() {
    return MESSAGE_NUMBERS;
  }

  /** Where a stream in RDMA mode stands: its MSNs and octets. Absent before the first FPDU. */
  public static List<FieldKey<?>> streamPosition() {
    return STREAM_POSITION;
  }

  private static <T extends Object> FieldKey<T> constant(
      int n, String name, FieldType<T> type, String meaning) {
    return key(Ownership.CONSTANT, n, name, type, meaning);
  }

  private static <T extends Object> FieldKey<T> cached(
      int n, String name, FieldType<T> type, String meaning) {
    return key(Ownership.CACHED, n, name, type, meaning);
  }

  private static <T extends Object> FieldKey<T> delegated(
      int n, String name, FieldType<T> type, String meaning) {
    return key(Ownership.DELEGATED, n, name, type, meaning);
  }

  private static <T extends Object> FieldKey<T> iwarp(
      int n, String name, FieldType<T> type, String meaning) {
    return key(Ownership.IWARP, n, name, type, meaning);
  }

  private static <T extends Object> FieldKey<T> option(
      int n, String name, FieldType<T> type, String meaning) {
    return key(Ownership.OPTION, n, name, type, meaning);
  }

  private static <T extends Object> FieldKey<T> key(
      Ownership ownership, int number, String name, FieldType<T> type, String meaning) {
    FieldKey<T> key = new FieldKey<>(ownership, number, name, type, meaning, KEYS.size());
    KEYS.add(key);
    return key;
  }
}
