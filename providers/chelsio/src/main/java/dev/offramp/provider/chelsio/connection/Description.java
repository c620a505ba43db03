package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.provider.chelsio.wire.TcbField;
import java.util.ArrayList;
import java.util.List;

/** A stopped connection for its next owner: a control block, and what only the driver knows. */
final class Description {
  private static final String TCB = "CPL_GET_TCB_RPL";
  private static final String DRIVER = "the driver";
  private static final long MASK_32 = 0xFFFF_FFFFL;

  private final CplGetTcbRpl block;
  private final ChelsioConnection connection;
  private final ConnectionPlan plan;

  /** Of a connection that is stopped, with all of its completions taken. */
  Description(CplGetTcbRpl block, ChelsioConnection connection) {
    this.block = block;
    this.connection = connection;
    this.plan = connection.plan();
  }

  /**
   * Whether neither end has sent an FPDU. The chip counts octets modulo 2^32 only, so a connection
   * that has completed a request is none whatever the octets say.
   */
  static boolean isUntouched(CplGetTcbRpl block, ChelsioConnection connection) {
    ConnectionPlan plan = connection.plan();
    return !plan.resumed()
        && !connection.hasCompletedAny()
        && block.field(TcbField.TX_MAX) == plan.firstSent()
        && block.field(TcbField.RCV_NXT) == plan.firstReceived();
  }

  /** All of it. Under the connection's lock. */
  IwarpConnectionDescriptor build() {
    IwarpConnectionDescriptor.Builder to = plan.descriptor().toBuilder();
    tcp(to);
    if (isUntouched(block, connection)) {
      to.present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, "no FPDU was sent or received");
      DescriptorFields.streamPosition().forEach(key -> absent(to, key));
    } else {
      numbers(connection, to);
      stream(to);
    }
    work(to);
    return connection.path().amend(to).build();
  }

  private static <T extends Object> void absent(
      IwarpConnectionDescriptor.Builder to, FieldKey<T> key) {
    to.absent(key, "before the first FPDU");
  }

  private void tcp(IwarpConnectionDescriptor.Builder to) {
    long next = block.field(TcbField.TX_MAX);
    long received = block.field(TcbField.RCV_NXT);
    long window = block.field(TcbField.RCV_ADV) << block.field(TcbField.RCV_SCALE);
    long acknowledged = received - block.field(TcbField.TS_LAST_ACK_SENT_RAW) & MASK_32;
    to.present(DescriptorFields.TCP_RESIDENCE, TcpResidence.NEW_OWNER, "the chip")
        .present(DescriptorFields.TCP_STATE, TcpState.ESTABLISHED, TCB)
        .present(DescriptorFields.SND_UNA, next, TCB)
        .present(DescriptorFields.SND_NXT, next, TCB)
        .present(DescriptorFields.SND_MAX, next, TCB)
        .derived(DescriptorFields.SND_WND, window, "RCV_ADV << RCV_SCALE")
        .absent(DescriptorFields.SND_WL1, "a TCB has no place for it")
        .absent(DescriptorFields.MAX_SND_WND, "a TCB has no place for it")
        .present(DescriptorFields.RCV_NXT, received, TCB)
        .present(DescriptorFields.RCV_WND, block.field(TcbField.RCV_WND), TCB)
        .derived(DescriptorFields.RCV_WUP, acknowledged, "RCV_NXT less TS_LAST_ACK_SENT_RAW")
        .present(DescriptorFields.CWND_BYTES, block.field(TcbField.SND_CWND), TCB)
        .present(DescriptorFields.SSTHRESH_BYTES, block.field(TcbField.SND_SSTHRESH), TCB)
        .absent(DescriptorFields.SRTT_MICROS, "the unit of T_SRTT is not public")
        .absent(DescriptorFields.RTTVAR_MICROS, "the unit of T_RTTVAR is not public")
        .absent(DescriptorFields.RTO_MICROS, "a TCB has no place for it")
        .present(DescriptorFields.UNACKNOWLEDGED, Octets.empty(), "all is acknowledged")
        .present(DescriptorFields.UNSENT, Octets.empty(), "all is sent")
        .present(DescriptorFields.UNREAD, Octets.empty(), "all is placed")
        .present(DescriptorFields.MPA_SEND_START, plan.firstSent(), "the first FPDU")
        .present(DescriptorFields.MPA_RECEIVE_START, plan.firstReceived(), "the first FPDU");
  }

  /**
   * The message numbers. The chip has the peer's Read Requests in no public field: where there may
   * be any, the next owner learns that number from the first one that comes.
   */
  static void numbers(ChelsioConnection connection, IwarpConnectionDescriptor.Builder to) {
    to.present(
            DescriptorFields.SEND_MSN,
            Integer.toUnsignedLong(connection.sends().nextSendNumber()),
            DRIVER)
        .present(
            DescriptorFields.READ_REQUEST_MSN,
            Integer.toUnsignedLong(connection.sends().nextReadNumber()),
            DRIVER)
        .present(
            DescriptorFields.RECEIVE_MSN,
            Integer.toUnsignedLong(connection.receives().nextNumber()),
            DRIVER)
        .put(
            DescriptorFields.READ_RESPONSE_MSN,
            connection.plan().mpa().ird() == 0
                ? Field.present(1L, "IRD 0: the peer has sent no Read Request")
                : Field.absent("the chip counts the peer's Read Requests in no public field"))
        .present(DescriptorFields.ATOMIC_RESPONSE_MSN, 1L, "the chip has no atomic operations")
        .present(
            DescriptorFields.PEER_ATOMIC_RESPONSE_MSN, 1L, "the chip has no atomic operations");
  }

  private void stream(IwarpConnectionDescriptor.Builder to) {
    long sent = block.field(TcbField.TX_MAX) - plan.firstSent() & MASK_32;
    long received = block.field(TcbField.RCV_NXT) - plan.firstReceived() & MASK_32;
    boolean heard = plan.peerHeard() || received != 0 || connection.receives().nextNumber() != 1;
    to.present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, "the chip")
        .derived(DescriptorFields.SENT_OCTETS, sent, "TX_MAX less the first FPDU's, modulo 2^32")
        .derived(
            DescriptorFields.RECEIVED_OCTETS,
            received,
            "RCV_NXT less the first FPDU's, modulo 2^32")
        .derived(DescriptorFields.PEER_HEARD, heard, "octets received")
        .derived(DescriptorFields.READY_TO_RECEIVE_SENT, true, "an Initiator's goes first, if any")
        .derived(DescriptorFields.READY_TO_RECEIVE_AWAITED, false, "completions");
  }

  private void work(IwarpConnectionDescriptor.Builder to) {
    List<WorkRequest> receives = List.copyOf(connection.receives().posted());
    List<WorkRequest> resting = connection.resting().newest(connection.sends().inFlight());
    List<LocalBuffer> named = new ArrayList<>();
    receives.forEach(request -> named.addAll(RestingWork.buffers(request)));
    resting.forEach(request -> named.addAll(RestingWork.buffers(request)));
    to.present(DescriptorFields.REGIONS, connection.regions().describe(named), DRIVER)
        .present(DescriptorFields.STARTED_WORK, List.of(), "all that began has completed")
        .present(DescriptorFields.POSTED_WORK, described(resting), DRIVER)
        .present(DescriptorFields.POSTED_RECEIVES, described(receives), DRIVER)
        .present(DescriptorFields.PEER_REQUESTS, List.of(), "all is answered")
        .absent(DescriptorFields.PARTIAL_MESSAGE, "between two messages")
        .present(DescriptorFields.COMPLETIONS, connection.completed().waiting(), DRIVER);
  }

  private static List<PostedWork> described(List<WorkRequest> requests) {
    return requests.stream().map(RestingWork::describe).toList();
  }
}
