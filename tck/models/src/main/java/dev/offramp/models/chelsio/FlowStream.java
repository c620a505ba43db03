package dev.offramp.models.chelsio;

import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Moves the bytes of a running connection: those of the streaming mode first, then FPDUs; incoming
 * ones go to the host as CPL_RX_DATA, or to the iWARP engine. On the model's loop.
 *
 * <p>The shared StreamRunner does not do for a T5: its RDMA mode begins before the MPA Reply has
 * been sent, it never closes or terminates by itself, and it can be quiesced by halves.
 */
final class FlowStream {
  /** Turns before other tasks of the loop get theirs. */
  private static final int ROUNDS = 64;

  /** Of a CPL_RX_DATA; a buffer of the smallest size takes it. */
  private static final int STREAMING_BYTES = 1024;

  private final Silicon silicon;
  private final Flow flow;
  private final StreamPort port;
  private final Deque<Outgoing> outbox = new ArrayDeque<>();
  private final ByteBuffer streaming = ByteBuffer.allocateDirect(STREAMING_BYTES);
  private final ByteBuffer[] one = new ByteBuffer[1];
  private final InputEnd inputEnd;

  private long credits;
  private long queued;
  private long sent;
  private long received;
  private boolean sendQuiesced;
  private boolean receiveQuiesced;
  private boolean outputFull;
  private boolean finWanted;
  private boolean finSent;
  private boolean peerClosed;
  private boolean cut;
  private boolean over;
  private boolean running;
  private boolean again;
  private final Runnable readLater = this::readLater;
  private boolean isReadDue;

  /** Bytes of a FW_OFLD_TX_DATA_WR, and how many units its acknowledgement gives back. */
  private record Outgoing(ByteBuffer bytes, int units) {}

  FlowStream(Silicon silicon, Flow flow, StreamPort port) {
    this.silicon = silicon;
    this.flow = flow;
    this.port = port;
    this.inputEnd = new InputEnd(port);
    this.credits = flow.tcb().get(TcbField.RCV_WND);
  }

  void start() {
    port.attach(silicon.platform.loop(), (readable, writable) -> work());
    workSoon();
  }

  /** Bytes of the streaming mode, sent or not, and FPDUs that TCP has taken. */
  long queuedBytes() {
    return sent + outbox.stream().mapToLong(next -> next.bytes.remaining()).sum();
  }

  long sentBytes() {
    return sent;
  }

  long receivedBytes() {
    return received;
  }

  /** Bytes of the streaming mode that were given to this end so far. */
  long streamingBytes() {
    return queued;
  }

  boolean isPeerClosed() {
    return peerClosed;
  }

  /** Whether the peer's FIN came inside an FPDU. */
  boolean isCut() {
    return cut;
  }

  /** FW_OFLD_TX_DATA_WR; false when it comes too late. */
  boolean send(ByteBuffer bytes, int units) {
    RdmaQueues engine = flow.rdma();
    if (finWanted || (engine != null && engine.hasSent())) {
      return false;
    }
    queued += bytes.remaining();
    outbox.add(new Outgoing(bytes, units));
    work();
    return true;
  }

  /** CPL_RX_DATA_ACK: the host has taken bytes. */
  void credit(int bytes) {
    credits += bytes;
    work();
  }

  /** CPL_CLOSE_CON_REQ: a FIN behind all that is to be sent. */
  void close() {
    finWanted = true;
    work();
  }

  void setQuiesced(boolean send, boolean receive) {
    if (!over && !isStopped()) {
      port.interest(false, false);
    }
    sendQuiesced = send;
    receiveQuiesced = receive;
    // Stopped both ways, input stays ended where it is.
    inputEnd.want(receive && flow.rdma() != null);
    workSoon();
  }

  /** Behind the reply of the message that lets it move. */
  private void workSoon() {
    silicon.platform.loop().execute(this::work);
  }

  /** Moves what can be moved now, before the connection is stopped. */
  void drain() {
    work();
  }

  /** Ends it by a RST. */
  void reset() {
    if (!over) {
      over = true;
      port.reset();
    }
  }

  /** Touches it no more. */
  void letGo() {
    over = true;
  }

  /** Moves what can be moved. */
  void work() {
    silicon.writes.arrive();
    again = true;
    if (running || over) {
      return;
    }
    running = true;
    try {
      for (int round = 0; again && !over; round++) {
        if (round == ROUNDS) {
          silicon.platform.loop().execute(this::work);
          return;
        }
        again = false;
        turn();
      }
    } catch (IOException e) {
      failed(e);
    } catch (IllegalStateException | IndexOutOfBoundsException e) {
      // Memory that went away under an STag: its slab or arena was closed.
      silicon.dmaFault(flow.name(), e);
      flow.abortByChip(CplCode.ERR_ABORT_FAILED);
    } finally {
      running = false;
    }
    if (!over && !isStopped()) {
      port.interest(awaitsBytes(), outputFull && !sendQuiesced);
    }
  }

  /** Quiesced both ways: the port may belong to a hand-back. */
  private boolean isStopped() {
    return sendQuiesced && receiveQuiesced;
  }

  private void turn() throws IOException {
    if (injected()) {
      return;
    }
    again |= write();
    boolean reads = awaitsBytes() && mayRead();
    again |= reads && read();
    RdmaQueues engine = flow.rdma();
    if (engine != null) {
      again |= !again && reads && awaitsBytes() && inputEnd.look(engine);
      again |= engine.moved();
      flow.leaveRdmaIfDone();
    }
    finish();
  }

  /**
   * A register write that is being carried out keeps those behind it waiting, and one of them may
   * be about a Receive for what would be read now.
   */
  private boolean mayRead() {
    if (!silicon.writes.isArriving()) {
      return true;
    }
    if (!isReadDue) {
      isReadDue = true;
      silicon.platform.loop().execute(readLater);
    }
    return false;
  }

  private void readLater() {
    isReadDue = false;
    work();
  }

  private boolean injected() {
    long abort = silicon.faults.at(ChelsioFaults.STREAM_ABORT);
    if (CplCode.isNegativeAdvice((int) abort)) {
      flow.advise((int) abort);
    } else if (abort != Faults.NO_FAULT) {
      flow.abortByChip((int) abort);
      return true;
    }
    if (silicon.faults.at(ChelsioFaults.STREAM_PEER_CLOSE) != Faults.NO_FAULT) {
      tellPeerClose();
    }
    return false;
  }

  // ---- out

  private boolean write() throws IOException {
    outputFull = false;
    if (sendQuiesced || finSent) {
      return false;
    }
    while (!outbox.isEmpty()) {
      Outgoing next = outbox.element();
      one[0] = next.bytes;
      sent += port.write(one, 0, 1);
      if (next.bytes.hasRemaining()) {
        outputFull = true;
        return false;
      }
      outbox.remove();
      // Model decision: acknowledged when TCP has taken them; the link does not tell more.
      flow.send(
          Message.FW4_ACK,
          Cpl.fw4Ack(
              flow.tid(),
              next.units,
              CplCode.FW4_SEQUENCE_VALID,
              flow.sendNext(),
              flow.sendNext()));
    }
    RdmaQueues engine = flow.rdma();
    TransmitBatch batch = engine == null ? null : engine.poll();
    if (engine == null || batch == null) {
      return false;
    }
    sent += port.write(batch.buffers(), batch.offset(), batch.length());
    outputFull = !engine.written(batch);
    return !outputFull;
  }

  private void finish() throws IOException {
    RdmaQueues engine = flow.rdma();
    if (finWanted
        && !finSent
        && !sendQuiesced
        && outbox.isEmpty()
        && (engine == null || engine.isSendIdle())) {
      finSent = true;
      port.shutdownOutput();
      flow.send(
          Message.CLOSE_CON_RPL,
          Cpl.closeReply(
              flow.tid(),
              CplCode.ERR_NONE,
              flow.sendNext() + 1,
              flow.receiveNext() + (peerClosed ? 1 : 0)));
    }
    if (finSent && peerClosed && !over) {
      over = true;
      port.close();
      flow.closed();
    }
  }

  // ---- in

  private boolean awaitsBytes() {
    boolean rdma = flow.rdma() != null;
    boolean quiesced = receiveQuiesced && (!rdma || sendQuiesced || inputEnd.isOver());
    return !quiesced && !peerClosed && (rdma || credits > 0);
  }

  /** Whether input is about to end, behind a message that is under way. */
  boolean isEndingInput() {
    return inputEnd.isAwaited();
  }

  private boolean read() throws IOException {
    RdmaQueues engine = flow.rdma();
    ByteBuffer into = engine == null ? streaming.clear() : engine.receiveBuffer();
    if (engine == null) {
      into.limit((int) Math.min(credits, into.capacity()));
    }
    one[0] = into;
    long count = port.read(one, 0, 1);
    if (count == 0) {
      return false;
    }
    if (count < 0) {
      peerClosed = true;
      if (engine != null) {
        engine.peerClosed();
        cut = engine.isCut();
      }
      tellPeerClose();
      return true;
    }
    if (engine != null) {
      // A Receive that was posted before these bytes were sent is there before them.
      silicon.writes.arrive();
      if (over) {
        return false;
      }
    }
    int at = flow.receiveNext();
    received += count;
    if (engine == null) {
      credits -= count;
      flow.send(
          Message.RX_DATA, Cpl.receivedData(flow.tid(), at, MemorySegment.ofBuffer(into.flip())));
    } else {
      engine.received((int) count);
    }
    return true;
  }

  private void tellPeerClose() {
    flow.send(Message.PEER_CLOSE, Cpl.peerClose(flow.tid(), flow.receiveNext() + 1));
  }

  private void failed(IOException e) {
    over = true;
    int status =
        switch (port.causeOf(e)) {
          case RESET -> CplCode.ERR_CONN_RESET;
          case TIMED_OUT -> CplCode.ERR_XMIT_TIMEDOUT;
          case OTHER -> CplCode.ERR_ABORT_FAILED;
        };
    port.close();
    flow.died(status);
  }
}
