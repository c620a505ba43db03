package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import org.jspecify.annotations.Nullable;

/** Carries out CPL messages of the host. For the model's thread. */
final class CplExecutor {
  private final Silicon silicon;

  CplExecutor(Silicon silicon) {
    this.silicon = silicon;
  }

  void execute(CplRequest request) {
    switch (request) {
      case CplRequest.SetTcbField set -> setTcbField(set);
      case CplRequest.GetTcb get -> getTcb(get);
      case CplRequest.AbortReq abort -> abort(abort);
      case CplRequest.AbortRpl reply -> abortReply(reply);
      case CplRequest.CloseConReq close -> close(close);
      case CplRequest.TidRelease release -> release(release);
      case CplRequest.RxDataAck ack -> credits(ack);
      case CplRequest.L2tWrite write -> nextHop(write);
      case CplRequest.SmtWrite write -> sourceMac(write);
    }
  }

  private @Nullable Flow flow(int tid, String what) {
    Flow flow = silicon.flows.find(tid);
    if (flow == null) {
      silicon.violations.add(Violation.Kind.BAD_TID, what, "tid " + tid, "a tid that is in use");
    }
    return flow;
  }

  private int fault(Request request) {
    return (int) silicon.faults.at(ChelsioFaults.request(request));
  }

  private void setTcbField(CplRequest.SetTcbField set) {
    Flow flow = flow(set.tid(), "CPL_SET_TCB_FIELD");
    int status = fault(Request.SET_TCB_FIELD);
    long old = 0;
    if (status == Faults.NO_FAULT) {
      if (flow == null) {
        status = CplCode.ERR_BAD_ROUTE;
      } else if (Tcb.reachesBeyond(set.word(), set.mask(), set.value())) {
        flow.violation(
            Violation.Kind.BAD_TCB, "a write beyond word 31", "mask and value within the TCB");
        status = CplCode.ERR_BAD_LENGTH;
      } else {
        old = flow.tcb().write(set.word(), set.mask(), set.value());
        status = flow.changed();
      }
    }
    if (set.reply()) {
      silicon.messages.send(
          Message.SET_TCB_RPL, set.queue(), Cpl.setTcbReply(set.tid(), set.cookie(), status, old));
    }
  }

  private void getTcb(CplRequest.GetTcb get) {
    Flow flow = flow(get.tid(), "CPL_GET_TCB");
    int status = fault(Request.GET_TCB);
    if (status == Faults.NO_FAULT && flow == null) {
      status = CplCode.ERR_BAD_ROUTE;
    }
    if (get.reply()) {
      silicon.messages.send(
          Message.GET_TCB_RPL,
          get.queue(),
          Cpl.getTcbReply(
              get.tid(),
              get.cookie(),
              status,
              flow == null || status != CplCode.ERR_NONE ? new Tcb() : flow.show()));
    }
  }

  private void abort(CplRequest.AbortReq request) {
    Flow flow = flow(request.tid(), "CPL_ABORT_REQ");
    if (flow == null) {
      return;
    }
    int status = fault(Request.ABORT_REQ);
    if (status == Faults.NO_FAULT) {
      flow.abort(request.command() != CplRequest.AbortReq.NO_RST);
    }
    flow.send(Message.ABORT_RPL_RSS, Cpl.abortReply(request.tid(), status));
  }

  private void abortReply(CplRequest.AbortRpl reply) {
    Flow flow = flow(reply.tid(), "CPL_ABORT_RPL");
    if (flow != null && !flow.takeAbortReply()) {
      flow.violation(Violation.Kind.BAD_TID, "CPL_ABORT_RPL", "CPL_ABORT_REQ_RSS before it, once");
    }
  }

  private void close(CplRequest.CloseConReq request) {
    Flow flow = flow(request.tid(), "CPL_CLOSE_CON_REQ");
    if (flow == null) {
      return;
    }
    int status = fault(Request.CLOSE_CON_REQ);
    FlowStream stream = flow.stream();
    if (status != Faults.NO_FAULT) {
      flow.send(
          Message.CLOSE_CON_RPL,
          Cpl.closeReply(request.tid(), status, flow.sendNext(), flow.receiveNext()));
    } else if (flow.isOver() || stream == null) {
      // A reset may have crossed it: then CPL_ABORT_REQ_RSS is on its way.
      if (!flow.isOver()) {
        flow.violation(Violation.Kind.BAD_TID, "CPL_CLOSE_CON_REQ", "a connection that is active");
      }
    } else {
      stream.close();
    }
  }

  private void release(CplRequest.TidRelease request) {
    Flow flow = flow(request.tid(), "CPL_TID_RELEASE");
    if (flow == null) {
      return;
    }
    if (flow.hasClaim() && !flow.isOver()) {
      flow.violation(
          Violation.Kind.BAD_TID,
          "CPL_TID_RELEASE of a connection that the chip owns",
          "an abort or a close before it");
    }
    silicon.flows.release(flow);
  }

  private void credits(CplRequest.RxDataAck ack) {
    Flow flow = flow(ack.tid(), "CPL_RX_DATA_ACK");
    if (flow == null) {
      return;
    }
    FlowStream stream = flow.stream();
    if (stream != null) {
      stream.credit(ack.credits());
      return;
    }
    // Before the connection speaks they enlarge the window that it begins with.
    Tcb tcb = flow.tcb();
    tcb.set(TcbField.RCV_WND, tcb.get(TcbField.RCV_WND) + ack.credits());
    flow.changed();
  }

  private void nextHop(CplRequest.L2tWrite write) {
    int status = fault(Request.L2T_WRITE_REQ);
    if (status == Faults.NO_FAULT) {
      if (AdapterLayout.L2T.contains(write.index())
          && write.port() < silicon.options.ports()
          && write.mac().value() != 0
          && write.hasVlanOrNone()) {
        silicon.nextHops.put(write.index(), new NextHop(write.port(), write.vlan(), write.mac()));
      } else {
        silicon.violations.add(
            Violation.Kind.BAD_TCB,
            "CPL_L2T_WRITE_REQ",
            write.toString(),
            "an index of the table, a port that is there, an address, VLAN 1..4094 or none");
        status = CplCode.ERR_BAD_ROUTE;
      }
    }
    if (write.reply()) {
      silicon.messages.send(
          Message.L2T_WRITE_RPL, write.queue(), Cpl.l2tWriteReply(write.index(), status));
    }
  }

  private void sourceMac(CplRequest.SmtWrite write) {
    int status = fault(Request.SMT_WRITE_REQ);
    if (status == Faults.NO_FAULT) {
      for (int i = 0; i < write.macs().size(); i++) {
        silicon.sourceMacs.put(write.first() + i, write.macs().get(i));
      }
    }
    if (write.reply()) {
      silicon.messages.send(
          Message.SMT_WRITE_RPL, write.queue(), Cpl.smtWriteReply(write.index(), status));
    }
  }
}
