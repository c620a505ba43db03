package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.ECN;
import static dev.offramp.api.descriptor.DescriptorFields.IRD;
import static dev.offramp.api.descriptor.DescriptorFields.IWARP_PHASE;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE;
import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_PRIVATE_DATA;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_ROLE;
import static dev.offramp.api.descriptor.DescriptorFields.ORD;
import static dev.offramp.api.descriptor.DescriptorFields.SACK_PERMITTED;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.TCP_STATE;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.ULP_MANAGED_DEPTH;
import static dev.offramp.api.descriptor.DescriptorFields.UNACKNOWLEDGED;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.USER_TIMEOUT_MILLIS;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.QpContext;
import java.util.ArrayList;
import java.util.List;

/**
 * What the device takes over, what it refuses, and what a connection loses on it. Decides on what
 * is known: of a running connection the queues are snapshots, and of one that has not done MPA
 * start-up the iWARP fields are this end's wishes. Stateless but for the generation's limits.
 */
final class IntelAdmission {
  private final Generation generation;
  private final int lastStreamingBytes;

  IntelAdmission(Generation generation, int lastStreamingBytes) {
    this.generation = generation;
    this.lastStreamingBytes = lastStreamingBytes;
  }

  /** Of a connection that runs, or of one that an owner which has stopped it describes so. */
  Admission of(ConnectionProfile profile) {
    return decide(profile, profile.get(SND_NXT).isKnown());
  }

  /** Of a connection that is stopped: all that the context needs must be there. */
  Admission ofStopped(IwarpConnectionDescriptor descriptor) {
    return decide(ConnectionProfile.of(descriptor), /* stopped= */ true);
  }

  private Admission decide(ConnectionProfile profile, boolean stopped) {
    List<Refusal> refusals = new ArrayList<>();
    checkPhase(profile, stopped, refusals);
    checkTcp(profile, refusals);
    checkQueues(profile, stopped, refusals);
    checkDepths(profile, stopped, refusals);
    // A running connection's fields that need a freeze are absent.
    if (stopped) {
      for (FieldKey<?> key : ContextBuilder.NEEDED) {
        if (!profile.get(key).isKnown()) {
          refusals.add(
              new Refusal(
                  RefusalReason.FIELD_ABSENT,
                  key.path() + " absent: " + profile.get(key).source(),
                  "a value",
                  "let the old owner describe it"));
        }
      }
    }
    return refusals.isEmpty() ? Admission.withLosses(losses(profile)) : Admission.refused(refusals);
  }

  private void checkPhase(ConnectionProfile profile, boolean stopped, List<Refusal> refusals) {
    switch (profile.get(IWARP_PHASE).orElse(IwarpPhase.STARTED)) {
      case STARTED -> {
        // What this is for.
      }
      case STREAMING ->
          refusals.add(
              new Refusal(
                  RefusalReason.MPA_OPTION,
                  "a plain TCP connection",
                  "a connection on which MPA start-up is agreed",
                  "run MPA start-up first: Offramp.offload does"));
      case RDMA -> RunningStreams.check(profile, stopped, generation, refusals);
    }
  }

  private static void checkTcp(ConnectionProfile profile, List<Refusal> refusals) {
    TcpState state = profile.get(TCP_STATE).orElse(TcpState.ESTABLISHED);
    if (state != TcpState.ESTABLISHED) {
      refusals.add(
          new Refusal(
              state == TcpState.CLOSE_WAIT
                      || state == TcpState.FIN_WAIT_1
                      || state == TcpState.FIN_WAIT_2
                  ? RefusalReason.HALF_CLOSED
                  : RefusalReason.TCP_STATE,
              state.toString(),
              TcpState.ESTABLISHED.toString(),
              "move a connection before either end closes it"));
    }
    if (profile.get(TIMESTAMPS).orElse(false)) {
      refusals.add(
          new Refusal(
              RefusalReason.TIMESTAMPS,
              "the timestamp option is on",
              "a connection without it: neither TS.Recent nor the unit of its age is known",
              "sysctl -w net.ipv4.tcp_timestamps=0 before connecting"));
    }
    int limit = (int) QpContext.IRDMAQPC_SNDMSS.max();
    int mss = profile.get(SEND_MSS_BYTES).orElse(0);
    if (mss > limit) {
      refusals.add(
          new Refusal(
              RefusalReason.SEGMENT_SIZE,
              mss + " bytes",
              "at most " + limit + " bytes (14 bits)",
              "lower the route's MTU or advmss before connecting"));
    }
    int least = profile.get(SEND_MSS_BYTES).isKnown() ? Route.segmentBytes(profile.facts()) : limit;
    if (least < Route.LEAST_MSS_BYTES) {
      refusals.add(
          new Refusal(
              RefusalReason.SEGMENT_SIZE,
              least + " bytes",
              "at least " + Route.LEAST_MSS_BYTES + " bytes",
              "raise the route's MTU or advmss before connecting"));
    }
  }

  private void checkQueues(ConnectionProfile profile, boolean stopped, List<Refusal> refusals) {
    long unread = profile.unreadBytes();
    // A running Responder's may be the MPA Request, which start-up reads.
    if (unread > 0
        && (stopped || profile.get(MPA_ROLE).orElse(MpaRole.RESPONDER) == MpaRole.INITIATOR)) {
      refusals.add(
          new Refusal(
              RefusalReason.UNREAD_BYTES,
              unread + " unread bytes",
              "none: the device begins at RCV.NXT",
              "read them first"));
    }
    // While the connection runs, the host drains them: capabilities say so.
    long unacknowledged = profile.get(UNACKNOWLEDGED).orElse(Octets.empty()).length();
    if (stopped && unacknowledged > 0) {
      refusals.add(
          new Refusal(
              RefusalReason.UNACKNOWLEDGED_BYTES,
              unacknowledged + " unacknowledged bytes",
              "none: the device retransmits from work requests only",
              "drain before the move"));
    }
    long unsent = profile.get(UNSENT).orElse(Octets.empty()).length();
    boolean initiator = profile.get(MPA_ROLE).orElse(MpaRole.RESPONDER) == MpaRole.INITIATOR;
    int limit = initiator ? 0 : lastStreamingBytes;
    if (stopped && unsent > limit) {
      refusals.add(
          new Refusal(
              RefusalReason.QUEUE_TOO_LARGE,
              unsent + " bytes to be sent before the first FPDU",
              initiator
                  ? "none: an Initiator's first work request is its ready-to-receive indication"
                  : "at most "
                      + limit
                      + " (the device's own limit is not public; the vendor's driver sends no"
                      + " more)",
              "drain before the move, or set intel.last-streaming-bytes"));
    }
    int privateData = profile.get(LOCAL_PRIVATE_DATA).orElse(Octets.empty()).length();
    if (privateData > DescriptorFields.MAX_PRIVATE_DATA_BYTES) {
      refusals.add(
          new Refusal(
              RefusalReason.PRIVATE_DATA,
              privateData + " bytes",
              "at most " + DescriptorFields.MAX_PRIVATE_DATA_BYTES,
              "send the rest later"));
    }
  }

  /**
   * A depth that the peer has been told cannot be lowered. A Responder's is still open before
   * start-up, and start-up keeps it below the limit.
   */
  private void checkDepths(ConnectionProfile profile, boolean stopped, List<Refusal> refusals) {
    int ird = profile.get(IRD).orElse(0);
    boolean open = !stopped && profile.get(MPA_ROLE).orElse(MpaRole.INITIATOR) == MpaRole.RESPONDER;
    int limit = generation.limits().ird();
    if (ird > limit && ird != ULP_MANAGED_DEPTH && !open) {
      refusals.add(
          new Refusal(
              RefusalReason.READ_DEPTH,
              "IRD " + ird,
              "at most " + limit,
              "ask for a smaller IRD; above it the vendor's code silently takes the smallest"));
    }
  }

  private List<Loss> losses(ConnectionProfile profile) {
    List<Loss> losses = new ArrayList<>();
    if (profile.get(SACK_PERMITTED).orElse(false)) {
      losses.add(
          new Loss(
              SACK_PERMITTED,
              "the device knows no selective acknowledgement: segments that are lost together are"
                  + " found out one after the other"));
    }
    if (profile.get(IRD).orElse(0) == ULP_MANAGED_DEPTH) {
      losses.add(
          new Loss(
              IRD, "no more than " + generation.limits().ird() + " Reads of the peer at once"));
    }
    int ord = profile.get(ORD).orElse(0);
    if (ord > generation.limits().ord()) {
      losses.add(
          new Loss(
              ORD, "%d Reads at once instead of %d".formatted(generation.limits().ord(), ord)));
    }
    if (profile.get(KEEP_ALIVE).orElse(false)) {
      losses.add(
          new Loss(
              KEEP_ALIVE,
              "no probes: the context's word for their interval is not public, and a dead peer is"
                  + " found out only by sending"));
    }
    if (profile.get(USER_TIMEOUT_MILLIS).orElse(0L) != 0) {
      losses.add(
          new Loss(
              USER_TIMEOUT_MILLIS, "the device gives up after its own number of retransmissions"));
    }
    if (profile.get(ECN).orElse(false) && generation.isFirst()) {
      // Inference: the vendor's driver sets the bit for both; only that of E810 says that it works.
      losses.add(new Loss(ECN, "whether X722 echoes congestion marks is not public"));
    }
    return losses;
  }
}
