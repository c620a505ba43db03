package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connections by tid. A tid that was released is the last to be given out again. */
final class FlowTable {
  private final Silicon silicon;
  private final FlowChecks checks;
  private final Map<Integer, Flow> flows = new HashMap<>();
  private final Deque<Integer> unused = new ArrayDeque<>();

  FlowTable(Silicon silicon) {
    this.silicon = silicon;
    this.checks = new FlowChecks(silicon);
    // Not from 0 on: a tid is not an atid.
    int count = silicon.options.tids();
    for (int i = 0; i < count; i++) {
      unused.add((count / 2 + i) % count);
    }
  }

  FlowChecks checks() {
    return checks;
  }

  @Nullable Flow find(int tid) {
    return flows.get(tid);
  }

  List<Flow> all() {
    return List.copyOf(flows.values());
  }

  /** Ends all without a word. */
  void clear() {
    for (Flow flow : new ArrayList<>(flows.values())) {
      release(flow);
    }
  }

  void release(Flow flow) {
    flow.vanish();
    if (flows.remove(flow.tid(), flow)) {
      unused.add(flow.tid());
    }
  }

  /** FW_OFLD_CONNECTION_WR: the answer names the tid, or the atid when there is none. */
  void open(OfldConnectionWr wr, WrHeader header) {
    int retval = connectionResult(wr);
    int tid = wr.atid();
    if (retval == FwError.SUCCESS) {
      Flow flow = add(wr.local(), wr.peer(), TcbMaker.of(wr));
      tid = flow.tid();
      if (flow.changed() != CplCode.ERR_NONE) {
        release(flow);
        tid = wr.atid();
        retval = FwError.EADDRINUSE;
      }
    }
    silicon.messages.send(
        Message.FW6_OFLD_CONNECTION_WR_RPL,
        wr.opt2().rssQueue(),
        Cpl.connectionReply(header.cookie(), tid, wr.state(), retval));
  }

  private int connectionResult(OfldConnectionWr wr) {
    long fault = silicon.faults.at(ChelsioFaults.request(Request.OFLD_CONNECTION_WR));
    if (fault != Faults.NO_FAULT) {
      return (int) fault;
    }
    int retval = checks.connection(wr);
    if (retval != FwError.SUCCESS) {
      return retval;
    }
    if (isOpen(wr.local(), wr.peer())) {
      return FwError.EADDRINUSE;
    }
    return unused.isEmpty() ? FwError.ENOMEM : FwError.SUCCESS;
  }

  /**
   * CPL_ACT_OPEN_REQ. With NON_OFFLOAD a TCB is made and nothing else, as ch_ktls has it; the
   * chip's own handshake is not modelled: the link has connections that exist only.
   */
  void open(ActOpenReq request) {
    long fault = silicon.faults.at(ChelsioFaults.request(Request.ACT_OPEN_REQ));
    int status =
        fault != Faults.NO_FAULT
            ? (int) fault
            : !request.opt0().nonOffload()
                ? CplCode.ERR_CONN_TIMEDOUT
                : isOpen(request.local(), request.peer())
                    ? CplCode.ERR_CONN_EXIST
                    : unused.isEmpty() ? CplCode.ERR_TCAM_FULL : CplCode.ERR_NONE;
    int tid = request.atid();
    if (status == CplCode.ERR_NONE) {
      tid = add(request.local(), request.peer(), TcbMaker.of(request)).tid();
    }
    silicon.messages.send(
        Message.ACT_OPEN_RPL, request.replyQueue(), Cpl.actOpenReply(tid, request.atid(), status));
  }

  private Flow add(InetSocketAddress local, InetSocketAddress peer, Tcb tcb) {
    Flow flow = new Flow(silicon, unused.remove(), local, peer, tcb);
    flows.put(flow.tid(), flow);
    return flow;
  }

  private boolean isOpen(InetSocketAddress local, InetSocketAddress peer) {
    return flows.values().stream().anyMatch(flow -> flow.isOf(local, peer));
  }
}
