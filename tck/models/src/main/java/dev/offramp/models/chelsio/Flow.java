package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection: its TCB, and what of the {@link dev.offramp.models.Link} belongs to it. For the
 * model's thread.
 *
 * <p>The TCB decides (model decision, after the order in which ch_ktls writes it). Without
 * NON_OFFLOAD, with T_STATE 4 and without CORE_BYPASS the chip owns the 4-tuple; it speaks unless
 * TX_QUIESCE is set, and listens unless RX_QUIESCE is: in RDMA mode that ends input behind the
 * message under way ({@link InputEnd}), and RX_PDU_OUT is set until then. With both set after it
 * has spoken, the connection is stopped: then the TCB shows TCP's real state.
 */
final class Flow {
  private final Silicon silicon;
  private final int tid;
  private final InetSocketAddress local;
  private final InetSocketAddress peer;
  private final Tcb tcb;
  private final TcbDescriptor descriptor;
  private final Ownership ownership;

  private @Nullable FlowStream stream;
  private @Nullable RdmaQueues rdma;
  private @Nullable FlowcWr flowc;
  private boolean badFlowc;
  private @Nullable Runnable afterRdma;
  private boolean abortTold;
  private boolean abortOwed;
  private boolean over;

  Flow(Silicon silicon, int tid, InetSocketAddress local, InetSocketAddress peer, Tcb tcb) {
    this.silicon = silicon;
    this.tid = tid;
    this.local = local;
    this.peer = peer;
    this.tcb = tcb;
    this.descriptor = new TcbDescriptor(silicon, local, peer);
    this.ownership = new Ownership(silicon.platform.link());
  }

  int tid() {
    return tid;
  }

  Tcb tcb() {
    return tcb;
  }

  boolean isOf(InetSocketAddress local, InetSocketAddress peer) {
    return this.local.equals(local) && this.peer.equals(peer);
  }

  boolean hasClaim() {
    return ownership.isOwner();
  }

  /** Whether it has ended and waits for its tid to be released. */
  boolean isOver() {
    return over;
  }

  /** Whether it was stopped after it had spoken. */
  boolean isStopped() {
    return ownership.isStopped();
  }

  @Nullable RdmaQueues rdma() {
    return rdma;
  }

  @Nullable FlowStream stream() {
    return stream;
  }

  String name() {
    return "tid " + tid;
  }

  /** Where messages of firmware go: FW_FLOWC_WR's IQID, or the TCB's queue before it came. */
  int firmwareQueue() {
    FlowcWr known = flowc;
    return known == null ? tcb.getInt(TcbField.RSS_INFO) : known.get(FlowcWr.IQID, 0);
  }

  void send(Message kind, byte[] cpl) {
    silicon.messages.send(kind, tcb.getInt(TcbField.RSS_INFO), cpl);
  }

  void violation(Violation.Kind kind, String seen, String expected) {
    silicon.violations.add(kind, name(), seen, expected);
  }

  // ---- what firmware is told

  /** FW_FLOWC_WR. A wrong one is noted, and makes FW_RI_WR INIT fail. */
  void setFlowc(FlowcWr wr) {
    String wrong = silicon.flows.checks().flowc(wr, tcb, descriptor.segmentBytes(tcb));
    badFlowc = wrong != null;
    flowc = wr;
    if (wrong != null) {
      violation(Violation.Kind.BAD_FLOWC, wrong, "values that agree with the TCB");
    }
  }

  boolean hasFlowc() {
    return flowc != null && !badFlowc;
  }

  /** The payload of a full segment, as FW_FLOWC_WR has it. */
  int segmentBytes() {
    FlowcWr known = flowc;
    int most = descriptor.segmentBytes(tcb);
    return known == null ? most : Math.min(most, known.get(FlowcWr.MSS, most));
  }

  // ---- the TCB

  /**
   * The TCB has changed: acts on it.
   *
   * @return CPL_ERR_NONE, or why not
   */
  int changed() {
    if (over) {
      return CplCode.ERR_NONE;
    }
    boolean owned =
        !tcb.flag(TcbField.Flag.NON_OFFLOAD)
            && !tcb.flag(TcbField.Flag.CORE_BYPASS)
            && tcb.getInt(TcbField.T_STATE) == FlowChecks.ESTABLISHED;
    if (owned) {
      try {
        ownership.claim(local, peer);
      } catch (IOException e) {
        tcb.setFlag(TcbField.Flag.NON_OFFLOAD, true);
        return CplCode.ERR_CONN_EXIST;
      }
    }
    boolean quietSend = tcb.flag(TcbField.Flag.TX_QUIESCE);
    boolean quietReceive = tcb.flag(TcbField.Flag.RX_QUIESCE);
    if (stream == null) {
      // What was put in before the TCB changed is not the connection any more.
      ownership.withdraw();
      if (owned && !quietSend && !quietReceive) {
        activate();
      }
      return CplCode.ERR_NONE;
    }
    return quiesce(quietSend, quietReceive);
  }

  /** Puts the connection into TCP, silent; null when that is done, else what is wrong with it. */
  @Nullable String install() {
    if (stream != null || ownership.isInstalled()) {
      return null;
    }
    String wrong = silicon.flows.checks().tcb(tcb, local, descriptor);
    if (wrong == null) {
      wrong = ownership.install(descriptor.of(tcb));
    }
    if (wrong != null) {
      violation(Violation.Kind.BAD_TCB, wrong, "a connection that the chip owns and TCP can run");
    }
    return wrong;
  }

  private void activate() {
    StreamPort port = install() == null ? ownership.activate() : null;
    if (port == null) {
      // Behind the reply of the message that asked for it.
      silicon.platform.loop().execute(() -> abortByChip(CplCode.ERR_ABORT_FAILED));
      return;
    }
    FlowStream running = new FlowStream(silicon, this, port);
    stream = running;
    running.start();
  }

  private int quiesce(boolean send, boolean receive) {
    FlowStream running = stream;
    if (running == null || !ownership.isOwner()) {
      return CplCode.ERR_NONE;
    }
    if (send && receive && !ownership.isStopped()) {
      running.drain();
      if (over) {
        return CplCode.ERR_NONE;
      }
      running.setQuiesced(true, true);
      try {
        ownership.stop();
      } catch (TransferException e) {
        running.setQuiesced(false, false);
        tcb.setFlag(TcbField.Flag.TX_QUIESCE, false);
        tcb.setFlag(TcbField.Flag.RX_QUIESCE, false);
        return CplCode.ERR_ABORT_FAILED;
      }
    } else if (!(send && receive)) {
      try {
        ownership.resume();
      } catch (TransferException e) {
        abortByChip(CplCode.ERR_ABORT_FAILED);
        return CplCode.ERR_ABORT_FAILED;
      }
    }
    running.setQuiesced(send, receive);
    return CplCode.ERR_NONE;
  }

  /** The TCB as CPL_GET_TCB shows it. Exact when stopped; else as far as the model has counted. */
  Tcb show() {
    Tcb image = tcb.copy();
    IwarpConnectionDescriptor state = ownership.stoppedState();
    FlowStream running = stream;
    if (state != null) {
      TcbDescriptor.show(image, state);
    } else if (running != null) {
      image.set(TcbField.TX_MAX, tcb.get(TcbField.TX_MAX) + running.queuedBytes());
      image.set(TcbField.SND_NXT_RAW, running.queuedBytes() - running.sentBytes());
      image.set(TcbField.SND_MAX_RAW, running.queuedBytes() - running.sentBytes());
      image.set(TcbField.RCV_NXT, tcb.get(TcbField.RCV_NXT) + running.receivedBytes());
    }
    RdmaQueues engine = rdma;
    if (engine != null) {
      boolean ending = running != null && !isStopped() && running.isEndingInput();
      image.setFlag(TcbField.Flag.RX_PDU_OUT, engine.isReceiving() || ending);
      image.setFlag(TcbField.Flag.TX_PDU_OUT, engine.isSending());
      image.set(TcbField.RQ_MSN, engine.receiveMsn());
    }
    if (running != null && running.isPeerClosed()) {
      image.setFlag(TcbField.Flag.PEER_FIN, true);
      image.setFlag(TcbField.Flag.RX_PDU_OUT, running.isCut());
    }
    return image;
  }

  /** Sequence numbers of the running connection: next sent, next expected. */
  int sendNext() {
    FlowStream running = stream;
    long sent = running == null ? 0 : running.sentBytes();
    return (int) (TcbDescriptor.sequence(tcb, TcbField.SND_NXT_RAW) + sent);
  }

  int receiveNext() {
    FlowStream running = stream;
    return (int) (tcb.get(TcbField.RCV_NXT) + (running == null ? 0 : running.receivedBytes()));
  }

  // ---- RDMA mode

  void enterRdma(RdmaQueues engine) {
    rdma = engine;
    FlowStream running = stream;
    if (running != null) {
      running.work();
    }
  }

  void leaveRdma() {
    RdmaQueues engine = rdma;
    rdma = null;
    if (engine != null) {
      engine.detach();
      silicon.executor.starter().ended(engine.init());
      tcb.set(TcbField.ULP_TYPE, Opt0.MODE_NONE);
    }
  }

  /**
   * FW_RI_WR FINI. A stopped connection leaves RDMA mode when it stands between two messages, and
   * else stays; a running one leaves when all work has been sent (model decision: c4iw_modify_qp
   * posts it with the queues idle).
   *
   * @param then runs when it has left, or is over
   * @return whether it will
   */
  boolean finish(Runnable then) {
    RdmaQueues engine = rdma;
    if (engine == null || afterRdma != null) {
      return false;
    }
    if (stream == null || isStopped()) {
      if (stream != null && !engine.isQuiet()) {
        return false;
      }
      leaveRdma();
      then.run();
      return true;
    }
    afterRdma = then;
    work();
    return true;
  }

  /** Leaves RDMA mode if that is wanted and all is sent. */
  void leaveRdmaIfDone() {
    RdmaQueues engine = rdma;
    Runnable then = afterRdma;
    if (engine != null && then != null && engine.isSendIdle()) {
      afterRdma = null;
      leaveRdma();
      then.run();
    }
  }

  /** There is work to be done. */
  void work() {
    FlowStream running = stream;
    if (running != null) {
      running.work();
    }
  }

  // ---- the end

  /** CPL_ABORT_REQ: the connection ends, with a RST or without. */
  void abort(boolean reset) {
    if (over) {
      return;
    }
    FlowStream running = stream;
    // Of a quiesced connection not even a RST goes out.
    if (!ownership.release() && running != null && reset) {
      running.reset();
    }
    end();
  }

  /** The chip gives the connection up, and tells the host. */
  void abortByChip(int status) {
    if (!over) {
      FlowStream running = stream;
      if (running != null) {
        running.reset();
      }
      died(status);
    }
  }

  /** Tells the host that TCP has its doubts; the connection goes on. */
  void advise(int status) {
    send(Message.ABORT_REQ_RSS, Cpl.abortRequest(tid, status));
  }

  /** TCP has died: the host is told by CPL_ABORT_REQ_RSS. */
  void died(int status) {
    if (!abortTold) {
      abortTold = true;
      abortOwed = true;
      send(Message.ABORT_REQ_RSS, Cpl.abortRequest(tid, status));
    }
    end();
  }

  /** Both directions are closed. */
  void closed() {
    end();
  }

  /** CPL_ABORT_RPL: whether the host owed that answer. */
  boolean takeAbortReply() {
    boolean owed = abortOwed;
    abortOwed = false;
    return owed;
  }

  /** Ends without a word to anybody. */
  void vanish() {
    ownership.release();
    end();
  }

  private void end() {
    over = true;
    FlowStream running = stream;
    if (running != null) {
      running.letGo();
    }
    RdmaQueues engine = rdma;
    if (engine != null) {
      engine.connectionLost();
    }
    leaveRdma();
    Runnable then = afterRdma;
    afterRdma = null;
    if (then != null) {
      then.run();
    }
    ownership.close();
  }
}
