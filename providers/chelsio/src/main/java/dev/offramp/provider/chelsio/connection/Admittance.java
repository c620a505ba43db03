package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.chelsio.adapter.Parameters;
import dev.offramp.provider.chelsio.wire.MtuTable;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a chip can take a connection over. Asked twice: of a running connection, of which not all
 * is known, and of the stopped one. Every refusal says what was seen and the limit.
 */
public final class Admittance {
  /** What is consumed, and no default could stand for; in one order, as refusals are read. */
  private static final List<FieldKey<?>> NEEDED =
      DescriptorFields.all().stream()
          .filter(ConnectionPlan.CONSUMES::contains)
          .filter(key -> !ConnectionPlan.DEFAULTS.containsKey(key))
          .toList();

  private final ConnectionProfile profile;
  private final Parameters parameters;
  private final boolean stopped;
  private final int readsLeft;
  private final List<Refusal> refusals = new ArrayList<>();

  private Admittance(
      ConnectionProfile profile, Parameters parameters, int readsLeft, boolean stopped) {
    this.profile = profile;
    this.parameters = parameters;
    this.readsLeft = readsLeft;
    this.stopped = stopped;
  }

  /**
   * Decides on what is known.
   *
   * @param readsLeft inbound Read depth that no connection has taken yet
   */
  public static Admission of(ConnectionProfile profile, Parameters parameters, int readsLeft) {
    // Sequence numbers show in a stopped connection only.
    boolean stopped = profile.facts().isKnown(DescriptorFields.SND_UNA);
    return new Admittance(profile, parameters, readsLeft, stopped).decide();
  }

  /**
   * Decides on a connection that has been stopped: all that the take-over needs has to be there.
   *
   * @param readsLeft inbound Read depth that no connection has taken yet
   */
  public static Admission ofStopped(
      IwarpConnectionDescriptor descriptor, Parameters parameters, int readsLeft) {
    ConnectionProfile profile = ConnectionProfile.of(descriptor);
    return new Admittance(profile, parameters, readsLeft, /* stopped= */ true).decide();
  }

  private Admission decide() {
    check();
    return refusals.isEmpty() ? Admission.withLosses(losses()) : Admission.refused(refusals);
  }

  private void check() {
    if (!parameters.connectionRequests()) {
      refuse(
          RefusalReason.UNSUPPORTED,
          "firmware without an active filter region, which makes no connections itself",
          "ACTIVE_FILTER_START and _END that differ",
          "load a firmware configuration with active filters");
    }
    checkPhase();
    checkTcp();
    checkWindows();
    checkBytes();
    checkMpa();
    if (stopped) {
      checkNeeded();
    }
  }

  private void checkPhase() {
    IwarpPhase phase = profile.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STARTED);
    if (phase == IwarpPhase.STREAMING) {
      refuse(
          RefusalReason.MPA_OPTION,
          "a plain TCP connection",
          "a connection on which MPA start-up is agreed",
          "run MPA start-up first: Offramp.offload does");
    } else if (phase == IwarpPhase.RDMA) {
      refusals.addAll(MidStream.refusals(profile, stopped));
    }
  }

  /** Whether MPA start-up is over altogether: no frame and no indication is to come. */
  private boolean isInRdmaMode() {
    return profile.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STARTED) == IwarpPhase.RDMA;
  }

  private void checkTcp() {
    TcpState state = profile.get(DescriptorFields.TCP_STATE).orElse(TcpState.ESTABLISHED);
    if (state != TcpState.ESTABLISHED) {
      refuse(
          RefusalReason.TCP_STATE,
          state.toString(),
          "ESTABLISHED",
          "move a connection before either end closes it");
    }
    if (profile.get(DescriptorFields.TIMESTAMPS).orElse(false)) {
      refuse(
          RefusalReason.TIMESTAMPS,
          "the timestamp option is on",
          "a connection without it: the offset of a TCB has 4 bits",
          "sysctl -w net.ipv4.tcp_timestamps=0 before connecting");
    }
    profile.get(DescriptorFields.SEND_MSS_BYTES).map(this::checkSegmentSize);
  }

  private Integer checkSegmentSize(Integer mss) {
    MtuTable mtus = parameters.mtus();
    if (mtus.indexOfMss(mss, isIpv6()) < 0) {
      refuse(
          RefusalReason.SEGMENT_SIZE,
          mss + " bytes of payload in a full segment",
          "one of " + mtus.allMss(isIpv6()) + ", as the adapter's MTU table has them",
          "set the MTU of the interface, or of the route, to one of the table");
    }
    return mss;
  }

  private boolean isIpv6() {
    return profile.facts().value(DescriptorFields.LOCAL_ADDRESS).getAddress()
        instanceof Inet6Address;
  }

  private void checkWindows() {
    int sendScale = profile.get(DescriptorFields.SEND_WINDOW_SCALE).orElse(0);
    int receiveScale = profile.get(DescriptorFields.RECEIVE_WINDOW_SCALE).orElse(0);
    long sendWindow = profile.get(DescriptorFields.SND_WND).orElse(0L);
    if (sendScale > Limits.MAX_SCALE || receiveScale > Limits.MAX_SCALE) {
      refuse(
          RefusalReason.WINDOW,
          "window scales " + sendScale + " and " + receiveScale,
          "0.." + Limits.MAX_SCALE,
          "set net.ipv4.tcp_rmem so that the window needs less");
    } else if (sendWindow >>> sendScale > Limits.MAX_RAW_WINDOW) {
      refuse(
          RefusalReason.WINDOW,
          "a send window of %d bytes with scale %d".formatted(sendWindow, sendScale),
          "16 bits after scaling, as it stands in a header",
          "negotiate window scaling when connecting");
    }
    long receiveWindow = profile.get(DescriptorFields.RCV_WND).orElse(1L);
    if (receiveWindow > Limits.MAX_28_BITS || (stopped && receiveWindow == 0)) {
      refuse(
          RefusalReason.WINDOW,
          "a receive window of " + receiveWindow + " bytes",
          "1.." + Limits.MAX_28_BITS + ", 28 bits",
          "limit net.ipv4.tcp_rmem before connecting");
    }
    checkLastAcknowledgement();
  }

  private void checkLastAcknowledgement() {
    if (stopped && profile.facts().isKnown(DescriptorFields.RCV_WUP)) {
      long distance =
          Sequence.distance(
              profile.facts().value(DescriptorFields.RCV_WUP),
              profile.get(DescriptorFields.RCV_NXT).orElse(0L));
      if (distance > Limits.MAX_28_BITS) {
        refuse(
            RefusalReason.WINDOW,
            distance + " bytes since the window was last advertised",
            "at most " + Limits.MAX_28_BITS + ", 28 bits of distance",
            "let the connection rest for a moment");
      }
    }
  }

  private void checkBytes() {
    MpaRole role = profile.get(DescriptorFields.MPA_ROLE).orElse(MpaRole.RESPONDER);
    // What a running Responder has not read may be the peer's MPA Request.
    if (profile.unreadBytes() > 0 && (stopped || role == MpaRole.INITIATOR)) {
      refuse(
          RefusalReason.UNREAD_BYTES,
          profile.unreadBytes() + " unread bytes",
          "0: the chip takes no bytes for the host to read",
          "read all that the peer sent before MPA start-up");
    }
    // A running connection is drained first: the capabilities ask for that.
    if (stopped && profile.unacknowledgedBytes() > 0) {
      refuse(
          RefusalReason.UNACKNOWLEDGED_BYTES,
          profile.unacknowledgedBytes() + " unacknowledged bytes",
          "0: before the first FPDU the peer has all streaming-mode bytes (RFC 6581, 4.2)",
          "wait until the peer has acknowledged them, or raise the drain timeout");
    }
    if (stopped && profile.unsentBytes() > Limits.MAX_STREAMING_BYTES) {
      refuse(
          RefusalReason.QUEUE_TOO_LARGE,
          profile.unsentBytes() + " unsent bytes",
          "at most " + Limits.MAX_STREAMING_BYTES + ", which the chip sends in streaming mode",
          "wait until the host has sent them, or raise the drain timeout");
    }
  }

  private void checkMpa() {
    int ird = profile.get(DescriptorFields.IRD).orElse(0);
    int ord = profile.get(DescriptorFields.ORD).orElse(0);
    checkDepth("IRD", ird);
    checkDepth("ORD", ord);
    if (stopped && ird > readsLeft) {
      refuse(
          RefusalReason.NO_RESOURCES,
          "IRD " + ird,
          "at most " + readsLeft + ", what other connections have left of MAXIRD_ADAPTER",
          "ask for less in the MPA options, or close connections");
    }
    if (!isInRdmaMode() && profile.get(DescriptorFields.RTR).orElse(RtrKind.NONE) == RtrKind.SEND) {
      refuse(
          RefusalReason.MPA_OPTION,
          "a zero-length Send as ready-to-receive indication",
          "a zero-length Write or Read, or none",
          "offer RTR kinds WRITE and READ only");
    }
    checkPrivateData();
  }

  private void checkDepth(String name, int depth) {
    boolean agreedLater = !stopped && depth == DescriptorFields.ULP_MANAGED_DEPTH;
    if (depth > parameters.maxReadDepth() && !agreedLater) {
      refuse(
          RefusalReason.READ_DEPTH,
          name + " " + depth,
          "at most " + parameters.maxReadDepth() + " (MAXORDIRD_QP)",
          "ask for less in the MPA options");
    }
  }

  /** A Responder's frame is the chip's to send; an Initiator's has been sent by the host. */
  private void checkPrivateData() {
    if (isInRdmaMode()
        || profile.get(DescriptorFields.MPA_ROLE).orElse(MpaRole.INITIATOR) == MpaRole.INITIATOR) {
      return;
    }
    int length = profile.get(DescriptorFields.LOCAL_PRIVATE_DATA).orElse(Octets.empty()).length();
    int revision = profile.get(DescriptorFields.MPA_REVISION).orElse(Limits.ENHANCED_REVISION);
    int most = Limits.maxPrivateDataBytes(revision);
    if (length > most) {
      refuse(
          RefusalReason.PRIVATE_DATA,
          length + " bytes of private data in the MPA Reply",
          "at most "
              + most
              + ": the frame has to fit the "
              + Limits.MAX_MPA_FRAME_BYTES
              + " immediate bytes of FW_OFLD_TX_DATA_WR",
          "send the rest in a first Send, or be the Initiator, whose frame the host sends: up to "
              + DescriptorFields.MAX_PRIVATE_DATA_BYTES);
    }
  }

  private void checkNeeded() {
    for (FieldKey<?> key : NEEDED) {
      if (!profile.facts().isKnown(key)) {
        refuse(
            RefusalReason.FIELD_ABSENT,
            key + ", " + profile.facts().get(key).source(),
            "a value",
            "move the connection from an owner that knows it");
      }
    }
  }

  /**
   * What the chip cannot keep and a connection can live without. Round-trip times are none: TCP
   * measures them anew (RFC 6298, section 2); nor is the congestion control's name: the chip's
   * NewReno starts from the congestion window that is taken along.
   */
  private List<Loss> losses() {
    List<Loss> losses = new ArrayList<>();
    if (profile.get(DescriptorFields.FLOW_LABEL).isKnown()) {
      losses.add(
          new Loss(DescriptorFields.FLOW_LABEL, "packets get the chip's flow label from now on"));
    }
    int hops = profile.get(DescriptorFields.HOP_LIMIT).orElse(Limits.HOP_LIMIT);
    if (hops != Limits.HOP_LIMIT) {
      losses.add(
          new Loss(
              DescriptorFields.HOP_LIMIT,
              "packets leave with the chip's %d, not %d".formatted(Limits.HOP_LIMIT, hops)));
    }
    if (profile.get(DescriptorFields.USER_TIMEOUT_MILLIS).orElse(0L) != 0) {
      losses.add(
          new Loss(
              DescriptorFields.USER_TIMEOUT_MILLIS,
              "the chip gives up after its own number of retransmissions"));
    }
    if (profile.get(DescriptorFields.KEEP_ALIVE).orElse(false)
        && profile.get(DescriptorFields.KEEP_ALIVE_IDLE_SECONDS).isKnown()) {
      losses.add(
          new Loss(
              DescriptorFields.KEEP_ALIVE_IDLE_SECONDS,
              "keep-alives come at the chip's own intervals"));
    }
    return losses;
  }

  private void refuse(RefusalReason reason, String seen, String expected, String remedy) {
    refusals.add(new Refusal(reason, seen, expected, remedy));
  }
}
