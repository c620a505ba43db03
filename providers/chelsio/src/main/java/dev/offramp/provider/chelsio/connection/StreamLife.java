package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.Cpl;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcbFlags;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * How a connection lives on the chip and ends there (iw_cxgb4's cm.c). The first reason of an end
 * wins. All under the connection's lock; never waits.
 *
 * <pre>
 * PREPARED --> RUNNING --close, when all is sent----------> CLOSING --both FINs--> GONE
 *     |          |  '--FIN or Terminate of the peer--> LEAVING --FINI--^            ^
 *     |          '-----Terminate of this end--------------------------' |           |
 *     '--abandon--> ABORTING <--abort, time over, device errors---------'           |
 *                       '--ABORT_RPL_RSS; or ABORT_REQ_RSS from any state-----------'
 * </pre>
 */
final class StreamLife {
  private static final int ABORT_TRIES = 3;

  private final Adapter adapter;
  private final Answers answers;
  private final Work work;
  private final long lingerNanos;

  private Phase phase = Phase.PREPARED;
  private @Nullable FlowRequests requests;
  private @Nullable StreamEnd end;
  private boolean closing;
  private boolean peerClosed;
  private boolean asking;
  private boolean held;
  private boolean described;
  private boolean told;
  private boolean closeReplied;
  private boolean abortByReset;
  private int abortTries;
  private EventLoop.@Nullable Timer timer;

  /** Where the connection is. */
  enum Phase {
    /** On the chip, and silent. */
    PREPARED,
    RUNNING,
    /** Leaves RDMA mode, because no message will come any more. */
    LEAVING,
    /** A FIN is on its way, or will be. */
    CLOSING,
    ABORTING,
    /** The chip has forgotten it. */
    GONE
  }

  /** The connection's work and the rest of it. Called under the lock. */
  interface Work {
    /** Takes what has completed. */
    void reap();

    /** Whether all has completed that was posted, Receives aside. */
    boolean isIdle();

    /** The peer has refused a message. */
    void refused(TerminateMessage message);

    /** The chip is through with the queues: what has not completed never will. */
    void flush();

    /** The stream has ended. */
    void ended(StreamEnd how);

    /**
     * The chip knows the connection no more.
     *
     * @param confirmed whether it says so itself
     */
    void gone(boolean confirmed);
  }

  StreamLife(Adapter adapter, Answers answers, Work work, long lingerNanos) {
    this.adapter = adapter;
    this.answers = answers;
    this.work = work;
    this.lingerNanos = lingerNanos;
  }

  Phase phase() {
    return phase;
  }

  /** How the stream ended; null while it lives. */
  @Nullable StreamEnd end() {
    return end;
  }

  /** Whether requests may be posted to the send queue, or will be allowed to start. */
  boolean takesWork() {
    return end == null && (phase == Phase.PREPARED || phase == Phase.RUNNING);
  }

  // ---- what this end does

  /** The chip has given it a tid. */
  void named(FlowRequests byTid) {
    requests = byTid;
  }

  void activated() {
    if (phase == Phase.PREPARED) {
      phase = Phase.RUNNING;
      peerLeft();
    }
  }

  /** Whether the peer's FIN has come. */
  boolean isPeerClosed() {
    return peerClosed;
  }

  /** Puts off what the peer's FIN brings with it, or does it now: a hand-back may go wrong. */
  void hold(boolean on) {
    held = on;
    peerLeft();
  }

  /** Whether this end has asked for the end. */
  boolean isClosing() {
    return closing;
  }

  /**
   * It stands still, and another owner may go on with what was described. So what the chip says of
   * its end from now on is told only when it goes on here.
   */
  void described() {
    described = true;
  }

  /** It goes on here, and may have ended meanwhile. */
  void stays() {
    described = false;
    tell();
  }

  /** Another owner goes on with what was described: it leaves the chip without a word. */
  void leave() {
    abandon();
  }

  /** Ends it in order, as soon as all is done that is posted. */
  void requestClose() {
    closing = true;
    if (phase == Phase.PREPARED) {
      abandon();
    } else {
      worked();
    }
  }

  /** Something has completed. */
  void worked() {
    if (phase == Phase.RUNNING && closing && end == null && !asking && work.isIdle()) {
      close();
    }
  }

  private void close() {
    phase = Phase.CLOSING;
    known().close();
    linger();
  }

  /** Ends it at once. */
  void abort() {
    abort(new StreamEnd.ClosedLocally(), phase != Phase.PREPARED);
  }

  /** Ends it without a word to the peer. */
  void abandon() {
    abort(new StreamEnd.ClosedLocally(), false);
  }

  private void abort(StreamEnd how, boolean reset) {
    if (phase == Phase.GONE) {
      return;
    }
    ended(how);
    if (phase == Phase.ABORTING) {
      return;
    }
    if (requests == null) {
      gone(true);
      return;
    }
    phase = Phase.ABORTING;
    abortByReset = reset;
    askAbort();
  }

  private void askAbort() {
    abortTries++;
    known().abort(abortByReset);
    startTimer(adapter.replyNanos(), this::abortSilent);
  }

  private void abortSilent() {
    if (phase == Phase.ABORTING) {
      RnicException silent = adapter.silent("CPL_ABORT_REQ of tid " + known().tid());
      adapter.context().logger().log(System.Logger.Level.WARNING, silent.getMessage());
      gone(false);
    }
  }

  // ---- what the chip says

  void peerClosed() {
    peerClosed = true;
    peerLeft();
  }

  /** Before activation there is nothing yet that could end. */
  private void peerLeft() {
    if (!peerClosed || held || asking) {
      return;
    }
    if (end == null && (phase == Phase.RUNNING || phase == Phase.CLOSING)) {
      askWhere();
    } else if (phase == Phase.CLOSING) {
      goneIfClosed();
    }
  }

  /**
   * Where the peer's FIN stands: between two FPDUs, where a stream may end, or inside one, which
   * has lost a part (RFC 5044, section 8). CPL_PEER_CLOSE does not tell. Inference: RX_PDU_OUT of
   * the control block does, since the chip has taken all before the FIN when it speaks of it.
   */
  private void askWhere() {
    asking = true;
    try {
      Reply reply = known().read();
      answers.after(reply, outcome -> told(outcome, reply));
    } catch (RnicException e) {
      asking = false;
      deviceFailed(String.valueOf(e.getMessage()));
    }
  }

  private void told(Answers.Outcome outcome, Reply reply) {
    asking = false;
    if (end != null || (phase != Phase.RUNNING && phase != Phase.CLOSING)) {
      // An error that the chip found before its peer's FIN was the first reason.
      goneIfClosed();
      return;
    }
    if (outcome != Answers.Outcome.DONE) {
      abort(
          new StreamEnd.Failed(
              "the peer's FIN came, and whether inside an FPDU CPL_GET_TCB does not say: "
                  + outcome),
          true);
      return;
    }
    boolean orderly = !TcbFlags.RX_PDU_OUT.isSetIn(flags(reply));
    if (phase == Phase.RUNNING) {
      ended(orderly ? new StreamEnd.ClosedByPeer() : new StreamEnd.TruncatedByPeer());
      leaveRdma();
    } else {
      ended(orderly ? new StreamEnd.ClosedLocally() : new StreamEnd.TruncatedByPeer());
      goneIfClosed();
    }
  }

  private static long flags(Reply reply) {
    CplGetTcbRpl block = new CplGetTcbRpl();
    block.at(reply.bytes(), 0);
    return block.field(TcbField.T_FLAGS);
  }

  /** Nothing will come any more: once the chip has left RDMA mode all can be flushed. */
  private void leaveRdma() {
    phase = Phase.LEAVING;
    linger();
    try {
      Reply reply = known().fini();
      answers.after(reply, this::left);
    } catch (RnicException e) {
      deviceFailed(String.valueOf(e.getMessage()));
    }
  }

  private void left(Answers.Outcome outcome) {
    if (phase != Phase.LEAVING) {
      return;
    }
    if (outcome == Answers.Outcome.DONE) {
      work.flush();
      close();
    } else {
      adapter
          .context()
          .logger()
          .log(
              System.Logger.Level.WARNING,
              "FW_RI_WR FINI of tid [%d]: [%s]; the connection is reset"
                  .formatted(known().tid(), outcome));
      abort(new StreamEnd.Failed("FW_RI_WR FINI: " + outcome), true);
    }
  }

  void closeReplied(int status) {
    if (phase != Phase.CLOSING) {
      return;
    }
    if (status != Cpl.CPL_ERR_NONE) {
      abort(new StreamEnd.Failed("CPL_CLOSE_CON_RPL with status " + status), true);
      return;
    }
    closeReplied = true;
    goneIfClosed();
  }

  private void goneIfClosed() {
    if (phase == Phase.CLOSING && closeReplied && peerClosed && !asking) {
      ended(new StreamEnd.ClosedLocally());
      gone(true);
    }
  }

  void abortRequested(int status) {
    if (Cpl.isNegativeAdvice(status) || phase == Phase.GONE) {
      return;
    }
    known().abortReply();
    if (phase != Phase.ABORTING) {
      ended(reasonOf(status));
      gone(true);
    }
  }

  private static StreamEnd reasonOf(int status) {
    if (status == Cpl.CPL_ERR_CONN_RESET) {
      return new StreamEnd.Reset();
    }
    return Cpl.isTimeout(status)
        ? new StreamEnd.TimedOut()
        : new StreamEnd.Failed("the chip gave the connection up with CPL error " + status);
  }

  void abortReplied(int status) {
    if (phase != Phase.ABORTING) {
      deviceFailed("CPL_ABORT_RPL_RSS, expected after a CPL_ABORT_REQ only");
    } else if (status == Cpl.CPL_ERR_NONE) {
      gone(true);
    } else if (abortTries < ABORT_TRIES) {
      askAbort();
    } else {
      adapter
          .context()
          .logger()
          .log(
              System.Logger.Level.WARNING,
              "the chip does not abort tid [%d]: CPL error [%d]".formatted(known().tid(), status));
      gone(false);
    }
  }

  void terminated(TerminateMessage message) {
    if (phase == Phase.RUNNING || phase == Phase.CLOSING) {
      work.refused(message);
      ended(new StreamEnd.TerminatedByPeer(message.terminate()));
    }
    if (phase == Phase.RUNNING) {
      leaveRdma();
    }
  }

  /**
   * The chip has found an error and stopped; it leaves the Terminate to the host.
   *
   * @param cause layer and type in bits 15:8, code in bits 7:0
   */
  void failed(int cause, String reason) {
    if (end != null) {
      return;
    }
    Terminate terminate =
        new Terminate(cause >>> 12, cause >>> 8 & 0xF, cause & 0xFF, Octets.empty());
    StreamEnd how = new StreamEnd.TerminatedLocally(terminate, reason);
    if (phase == Phase.RUNNING) {
      ended(how);
      known().terminate(cause);
      close();
    } else {
      // Behind a FIN there is no place for a Terminate.
      abort(how, phase != Phase.PREPARED);
    }
  }

  void streamed(int octets) {
    if (phase == Phase.PREPARED || phase == Phase.RUNNING) {
      deviceFailed("CPL_RX_DATA of [%d] octets in RDMA mode".formatted(octets));
    }
  }

  void deviceFailed(String reason) {
    if (adapter.failure() != null) {
      ended(new StreamEnd.Failed(reason));
      gone(false);
    } else {
      abort(new StreamEnd.Failed(reason), phase != Phase.PREPARED);
    }
  }

  // ---- the end

  private void ended(StreamEnd how) {
    if (end == null) {
      work.reap();
    }
    if (end == null) {
      end = how;
      tell();
    }
  }

  private void tell() {
    StreamEnd how = end;
    if (how != null && !told && !described) {
      told = true;
      work.ended(how);
    }
  }

  private void gone(boolean confirmed) {
    if (phase == Phase.GONE) {
      return;
    }
    phase = Phase.GONE;
    stopTimer();
    work.reap();
    work.flush();
    FlowRequests byTid = requests;
    boolean failed = adapter.failure() != null;
    if (byTid != null && (confirmed || failed)) {
      adapter.unregister(byTid.tid());
      if (!failed) {
        byTid.release();
      }
    } else if (byTid != null) {
      // What the chip still says of it must find it.
      adapter.giveBackAtEnd(() -> adapter.unregister(byTid.tid()));
    }
    work.gone(confirmed);
  }

  private void linger() {
    startTimer(
        lingerNanos,
        () -> {
          if (phase == Phase.CLOSING || phase == Phase.LEAVING) {
            abort(new StreamEnd.TimedOut(), true);
          }
        });
  }

  private void startTimer(long nanos, Runnable task) {
    stopTimer();
    timer = answers.later(nanos, task);
  }

  private void stopTimer() {
    EventLoop.Timer running = timer;
    if (running != null) {
      running.cancel();
      timer = null;
    }
  }

  private FlowRequests known() {
    FlowRequests byTid = requests;
    if (byTid == null) {
      throw new IllegalStateException("the connection has no tid");
    }
    return byTid;
  }
}
