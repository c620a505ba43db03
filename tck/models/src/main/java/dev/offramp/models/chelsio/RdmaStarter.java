package dev.offramp.models.chelsio;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * FW_RI_WR INIT: checks it and takes a connection into RDMA mode. What firmware checks is not
 * public; each check is a model decision with the rule that iw_cxgb4 keeps beside it.
 */
final class RdmaStarter {
  private static final int MIN_TABLE_SIZE = 16;
  private static final int MAX_TABLE_SIZE = 8192;

  /** A Receive takes at most so many (T4_RQ_NUM_SLOTS). */
  private static final int SLOTS_PER_RECEIVE = 2;

  private final Silicon silicon;

  /** Parts of the table of Receives that are taken: size in bytes by offset. */
  private final Map<Integer, Integer> taken = new HashMap<>();

  RdmaStarter(Silicon silicon) {
    this.silicon = silicon;
  }

  /** What firmware answers; 0 when the connection is in RDMA mode. */
  int start(Flow flow, RiWr.Init init) {
    EgressQueue send = silicon.queues.work(init.sendQueue(), EgressQueue.Kind.RDMA_SEND);
    EgressQueue receive = silicon.queues.work(init.receiveQueue(), EgressQueue.Kind.RDMA_RECEIVE);
    IngressQueue sendCq = silicon.queues.completion(init.sendCq());
    IngressQueue receiveCq = silicon.queues.completion(init.receiveCq());
    if (send == null || receive == null || sendCq == null || receiveCq == null) {
      return refused(
          flow,
          FwError.EINVAL,
          "queues %d, %d and completion queues %d, %d"
              .formatted(init.sendQueue(), init.receiveQueue(), init.sendCq(), init.receiveCq()),
          "queues that FW_RI_RES_WR has made; shared receive queues are not modelled");
    }
    String wrong = queues(init, send, receive);
    wrong = wrong != null ? wrong : connection(flow, init);
    wrong = wrong != null ? wrong : protocol(init);
    wrong = wrong != null ? wrong : table(init, receive);
    if (wrong != null) {
      return refused(flow, FwError.EINVAL, wrong, "values that iw_cxgb4's rdma_init would give");
    }
    if (depthInUse() + init.irdMax() > silicon.options.adapterReadDepth()) {
      return refused(
          flow,
          FwError.ENOMEM,
          depthInUse() + " of IRD in use and " + init.irdMax() + " more",
          silicon.options.adapterReadDepth() + " in all");
    }
    if (flow.install() != null) {
      return FwError.EINVAL;
    }
    int posted = receive.countWaiting();
    if (init.postedReceives() != posted) {
      flow.violation(
          Violation.Kind.BAD_INIT,
          "nrqe " + init.postedReceives(),
          posted + ", the Receives that are in the queue");
    }
    enter(flow, init, new RdmaQueues(silicon, flow, init, send, receive, sendCq, receiveCq));
    return FwError.SUCCESS;
  }

  private @Nullable String queues(RiWr.Init init, EgressQueue send, EgressQueue receive) {
    if (init.queueId() != init.sendQueue()) {
      return "qpid " + init.queueId() + ", not the send queue's number " + init.sendQueue();
    }
    if (send.isAttached() || receive.isAttached()) {
      return "a queue that is another connection's";
    }
    return send.ingressQueue() != init.sendCq() || receive.ingressQueue() != init.receiveCq()
        ? "scqid %d and rcqid %d, not the queues' own %d and %d"
            .formatted(init.sendCq(), init.receiveCq(), send.ingressQueue(), receive.ingressQueue())
        : null;
  }

  private static @Nullable String connection(Flow flow, RiWr.Init init) {
    int mode = flow.tcb().getInt(TcbField.ULP_TYPE);
    if (flow.rdma() != null || (mode != Opt0.MODE_TCPDDP && mode != Opt0.MODE_RDMA)) {
      return "ULP_TYPE " + mode + ", not 5 or 4 as opt0's ulp_mode";
    }
    if (!flow.hasFlowc()) {
      return "no FW_FLOWC_WR before, or a wrong one";
    }
    if (init.sendStart() != flow.sendNext()) {
      return "iss %d, not %d, which is the next byte sent"
          .formatted(
              Integer.toUnsignedLong(init.sendStart()), Integer.toUnsignedLong(flow.sendNext()));
    }
    return init.receiveStart() != flow.receiveNext()
        ? "irs %d, not %d, which is the next byte expected"
            .formatted(
                Integer.toUnsignedLong(init.receiveStart()),
                Integer.toUnsignedLong(flow.receiveNext()))
        : null;
  }

  private @Nullable String protocol(RiWr.Init init) {
    int most = silicon.options.maxReadDepth();
    if (init.irdMax() < 0 || init.irdMax() > most || init.ordMax() < 0 || init.ordMax() > most) {
      return "ird_max %d and ord_max %d, more than MAXORDIRD_QP %d"
          .formatted(init.irdMax(), init.ordMax(), most);
    }
    if (!init.ietf()) {
      return "mpa_attrs without IETF: MPA of before RFC 5044 is not modelled";
    }
    boolean writes = (init.capabilities() & RiWr.Init.CAN_WRITE) != 0;
    if (!writes) {
      return "qp_caps without RDMA Write: not modelled";
    }
    return init.initiator() ? indication(init) : null;
  }

  /** The work request at 80 has to be of the kind that p2ptype says, empty and without flags. */
  private static @Nullable String indication(RiWr.Init init) {
    int kind = init.peerToPeer();
    if (kind == RiWr.Init.NO_INDICATION) {
      return null;
    }
    int len16 = Be.get8(init.indication(), 7);
    try {
      RiWork work =
          len16 == 3
              ? RiWork.decode(init.indication())
              : new RiWork.Receive(0, java.util.List.of());
      boolean right =
          switch (work) {
            case RiWork.Write write -> kind == Cqe.WRITE && write.length() == 0;
            case RiWork.Read read -> kind == Cqe.READ_REQ && read.length() == 0;
            case RiWork.Send send -> kind == Cqe.SEND && send.length() == 0;
            default -> false;
          };
      return right
          ? null
          : "a ready-to-receive work request [%02x], len16 %d, for p2ptype %d"
              .formatted(Be.get8(init.indication(), 0), len16, kind);
    } catch (MalformedException e) {
      return "a ready-to-receive work request: " + e.getMessage();
    }
  }

  private @Nullable String table(RiWr.Init init, EgressQueue receive) {
    int size = init.receiveTableSize();
    int offset = init.receiveTableOffset();
    long bytes = (long) size * AdapterLayout.RQ_ENTRY_BYTES;
    if (size < MIN_TABLE_SIZE || size > MAX_TABLE_SIZE || Integer.bitCount(size) != 1) {
      return "hwrqsize " + size + ", not a power of two from 16 to 8192";
    }
    if (offset < 0 || offset + bytes > AdapterLayout.RQ.size()) {
      return "hwrqaddr %d and %d bytes, beyond the table's %d"
          .formatted(offset, bytes, AdapterLayout.RQ.size());
    }
    if (size < receive.slots() / SLOTS_PER_RECEIVE) {
      return "hwrqsize " + size + ", less than the ring's " + receive.slots() / SLOTS_PER_RECEIVE;
    }
    boolean overlaps =
        taken.entrySet().stream()
            .anyMatch(other ->
                offset < other.getKey() + other.getValue() && other.getKey() < offset + bytes);
    return overlaps ? "hwrqaddr " + offset + ", which another connection has" : null;
  }

  private int depthInUse() {
    int sum = 0;
    for (Flow flow : silicon.flows.all()) {
      RdmaQueues engine = flow.rdma();
      sum += engine == null ? 0 : engine.init().irdMax();
    }
    return sum;
  }

  private void enter(Flow flow, RiWr.Init init, RdmaQueues engine) {
    taken.put(init.receiveTableOffset(), init.receiveTableSize() * AdapterLayout.RQ_ENTRY_BYTES);
    Tcb tcb = flow.tcb();
    tcb.set(TcbField.ULP_TYPE, Opt0.MODE_RDMA);
    tcb.set(TcbField.CQ_IDX_SQ, init.sendCq());
    tcb.set(TcbField.CQ_IDX_RQ, init.receiveCq());
    tcb.set(TcbField.QP_ID, init.queueId());
    tcb.set(TcbField.PD_ID, init.domain());
    tcb.set(TcbField.IRS_ULP, init.receiveStart());
    tcb.set(TcbField.ISS_ULP, init.sendStart());
    tcb.set(TcbField.RQ_START, init.receiveTableOffset() / AdapterLayout.RQ_ENTRY_BYTES);
    tcb.set(TcbField.RQ_MSN, 1);
    flow.enterRdma(engine);
    engine.attach();
  }

  /** A connection has left RDMA mode. */
  void ended(RiWr.Init init) {
    taken.remove(init.receiveTableOffset());
  }

  private int refused(Flow flow, int retval, String seen, String expected) {
    flow.violation(Violation.Kind.BAD_INIT, seen, expected);
    return retval;
  }
}
