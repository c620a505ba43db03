package com.acme.offramp;

import static dev.offramp.api.descriptor.DescriptorFields.IRD;
import static dev.offramp.api.descriptor.DescriptorFields.IWARP_PHASE;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_CRC;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_ROLE;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.ORD;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.TCP_STATE;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.ULP_MANAGED_DEPTH;
import static dev.offramp.api.descriptor.DescriptorFields.UNACKNOWLEDGED;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.USER_TIMEOUT_MILLIS;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import java.util.ArrayList;
import java.util.List;

/**
 * What the adapter takes over, what it refuses, and what a connection loses on it. Asked twice: of
 * a running connection, whose queues are snapshots and whose iWARP fields are wishes, and of the
 * stopped one.
 */
final class AcmeAdmission {
  /** RFC 5044, section 3: an FPDU is one segment, and MULPDU is never less than 128 octets. */
  private static final int LEAST_MSS_BYTES = 128;

  private final ConnectionProfile profile;
  private final List<Refusal> refusals = new ArrayList<>();

  /** What is known only of a stopped connection. */
  private final boolean stopped;

  private AcmeAdmission(ConnectionProfile profile, boolean stopped) {
    this.profile = profile;
    this.stopped = stopped;
  }

  /** Of a connection that may be running: a stopped one is known by what only a stop tells. */
  static Admission of(ConnectionProfile profile) {
    return of(profile, profile.get(SND_NXT).isKnown());
  }

  /** Of one that arrives. */
  static Admission ofStopped(ConnectionProfile profile) {
    return of(profile, true);
  }

  private static Admission of(ConnectionProfile profile, boolean stopped) {
    AcmeAdmission asked = new AcmeAdmission(profile, stopped);
    asked.checkTcp();
    asked.checkQueues();
    asked.checkMpa();
    asked.checkDepths();
    asked.checkFields();
    return asked.refusals.isEmpty()
        ? Admission.withLosses(asked.losses())
        : Admission.refused(asked.refusals);
  }

  private void refuse(RefusalReason reason, String seen, String expected, String remedy) {
    refusals.add(new Refusal(reason, seen, expected, remedy));
  }

  private void checkTcp() {
    TcpState state = profile.get(TCP_STATE).orElse(TcpState.ESTABLISHED);
    switch (state) {
      case ESTABLISHED -> {
        // What the adapter begins with.
      }
      case CLOSE_WAIT, FIN_WAIT_1, FIN_WAIT_2 ->
          refuse(
              RefusalReason.HALF_CLOSED,
              state.toString(),
              "ESTABLISHED",
              "move a connection before either end closes it");
      default ->
          refuse(
              RefusalReason.TCP_STATE,
              state.toString(),
              "ESTABLISHED",
              "move an established connection");
    }
    if (profile.get(TIMESTAMPS).orElse(false)) {
      refuse(
          RefusalReason.TIMESTAMPS,
          "the timestamp option is on",
          "a connection without it",
          "sysctl -w net.ipv4.tcp_timestamps=0 before connecting");
    }
    int mss = profile.get(SEND_MSS_BYTES).orElse(LEAST_MSS_BYTES);
    if (mss < LEAST_MSS_BYTES) {
      refuse(
          RefusalReason.SEGMENT_SIZE,
          mss + " bytes",
          "at least " + LEAST_MSS_BYTES + " bytes",
          "raise the route's MTU or advmss before connecting");
    }
  }

  private void checkQueues() {
    boolean initiator = profile.get(MPA_ROLE).orElse(MpaRole.RESPONDER) == MpaRole.INITIATOR;
    // A running Responder's may be the MPA Request, which start-up reads.
    if (profile.unreadBytes() > 0 && (stopped || initiator)) {
      refuse(
          RefusalReason.UNREAD_BYTES,
          profile.unreadBytes() + " unread bytes",
          "none: the adapter begins at RCV.NXT",
          "read them first");
    }
    // While the connection runs, the host drains them: the capabilities say so.
    int unacknowledged = profile.get(UNACKNOWLEDGED).orElse(Octets.empty()).length();
    if (stopped && unacknowledged > 0) {
      refuse(
          RefusalReason.UNACKNOWLEDGED_BYTES,
          unacknowledged + " unacknowledged bytes",
          "none: the adapter sends nothing again that it has not sent",
          "drain before the move");
    }
    int unsent = profile.get(UNSENT).orElse(Octets.empty()).length();
    if (stopped && unsent > QueueMemory.MAX_UNSENT_BYTES) {
      refuse(
          RefusalReason.QUEUE_TOO_LARGE,
          unsent + " unsent bytes",
          "at most " + QueueMemory.MAX_UNSENT_BYTES,
          "drain before the move");
    }
  }

  private void checkMpa() {
    switch (profile.get(IWARP_PHASE).orElse(IwarpPhase.STARTED)) {
      case STARTED -> {
        // What the adapter is for.
      }
      case STREAMING ->
          refuse(
              RefusalReason.MPA_OPTION,
              "a plain TCP connection",
              "a connection on which MPA start-up is agreed",
              "run MPA start-up first: Offramp.offload does");
      case RDMA ->
          refuse(
              RefusalReason.NOT_QUIET,
              "an iWARP stream on which FPDUs flow",
              "a connection that has not sent an FPDU",
              "move the connection before its first FPDU: the context has no place for an MSN");
    }
    if (profile.get(MPA_SEND_MARKERS).orElse(false)
        || profile.get(MPA_RECEIVE_MARKERS).orElse(false)) {
      refuse(
          RefusalReason.MARKERS,
          "markers",
          "a stream without them",
          "ask for none in MPA start-up, and have the peer ask for none");
    }
    if (!profile.get(MPA_CRC).orElse(true)) {
      refuse(
          RefusalReason.MPA_OPTION,
          "no CRC32c",
          "FPDUs with CRC32c",
          "ask for it in MPA start-up: one end's wish is enough");
    }
  }

  /** A depth that the peer was told cannot be lowered; a running Responder's is still open. */
  private void checkDepths() {
    boolean open = !stopped && profile.get(MPA_ROLE).orElse(MpaRole.INITIATOR) == MpaRole.RESPONDER;
    checkDepth("IRD", IRD, AcmeRnic.MAX_DEPTH, open);
    checkDepth("ORD", ORD, AcmeRnic.MAX_DEPTH, open);
  }

  private void checkDepth(String name, FieldKey<Integer> key, int limit, boolean open) {
    int depth = profile.get(key).orElse(0);
    if (depth > limit && !open) {
      refuse(
          RefusalReason.READ_DEPTH,
          depth == ULP_MANAGED_DEPTH ? name + " left to the application" : name + " " + depth,
          "at most " + limit,
          "ask for a smaller one");
    }
  }

  private void checkFields() {
    if (!stopped) {
      return;
    }
    for (FieldKey<?> key : Context.NEEDED) {
      if (!profile.get(key).isKnown()) {
        refuse(
            RefusalReason.FIELD_ABSENT,
            key.path() + " absent: " + profile.get(key).source(),
            "a value",
            "let the old owner describe it");
      }
    }
  }

  private List<Loss> losses() {
    List<Loss> losses = new ArrayList<>();
    if (profile.get(KEEP_ALIVE).orElse(false)) {
      losses.add(new Loss(KEEP_ALIVE, "no probes: a dead peer is found out only by sending to it"));
    }
    if (profile.get(USER_TIMEOUT_MILLIS).orElse(0L) != 0) {
      losses.add(
          new Loss(
              USER_TIMEOUT_MILLIS, "the adapter gives up after its own number of retransmissions"));
    }
    return losses;
  }
}
