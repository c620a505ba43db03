package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.Cpl;
import dev.offramp.provider.chelsio.wire.CplAbort;
import dev.offramp.provider.chelsio.wire.CplCloseConReq;
import dev.offramp.provider.chelsio.wire.CplGetTcb;
import dev.offramp.provider.chelsio.wire.CplSetTcbField;
import dev.offramp.provider.chelsio.wire.CplTidRelease;
import dev.offramp.provider.chelsio.wire.FwFlowcWr;
import dev.offramp.provider.chelsio.wire.FwOfldTxDataWr;
import dev.offramp.provider.chelsio.wire.FwRiWr;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcbFlags;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;

/**
 * The requests that name a connection's tid. What moves bytes goes through the offload queue, in
 * order; what changes the control block goes through the control queue, as in the vendor's drivers.
 * None waits. Safe for several threads.
 */
final class FlowRequests {
  private static final int COOKIES = 8;
  private static final int COOKIE_SHIFT = 5;
  private static final int MAX_FLOWC_BYTES = 128;
  private static final int BYTE_MASK = 0xFF;

  private final Adapter adapter;
  private final int tid;
  private int nextCookie;

  FlowRequests(Adapter adapter, int tid) {
    this.adapter = adapter;
    this.tid = tid;
  }

  int tid() {
    return tid;
  }

  // ---- the control block

  /** Changes one field. */
  Reply set(TcbField field, long value) throws RnicException {
    return set(field.word(), field.bits().mask(), field.bits().of(value), field + " of tid " + tid);
  }

  /** Stops both directions, or lets them go on; what else {@code more} names is cleared. */
  Reply quiesce(boolean stop, long more) throws RnicException {
    long both = TcbFlags.TX_QUIESCE.mask() | TcbFlags.RX_QUIESCE.mask();
    return set(
        TcbField.T_FLAGS.word(),
        both | more,
        stop ? both : 0,
        (stop ? "quiesce of tid " : "end of quiesce of tid ") + tid);
  }

  /** Stops input alone, or, of a connection that is stopped both ways, lets output go on. */
  Reply quiesceInput() throws RnicException {
    return set(
        TcbField.T_FLAGS.word(),
        TcbFlags.TX_QUIESCE.mask() | TcbFlags.RX_QUIESCE.mask(),
        TcbFlags.RX_QUIESCE.mask(),
        "quiesced input of tid " + tid);
  }

  private synchronized Reply set(int word, long mask, long value, String what)
      throws RnicException {
    int cookie = nextCookie;
    nextCookie = (nextCookie + 1) % COOKIES;
    Reply reply =
        adapter.expectTcbWritten(tid, cookie << COOKIE_SHIFT | word, "CPL_SET_TCB_FIELD " + what);
    MemorySegment wr = Adapter.scratch(CplSetTcbField.PADDED_BYTES);
    new CplSetTcbField()
        .encodePadded(wr, 0, tid, adapter.eventQueueId(), false, cookie, word, mask, value);
    adapter.control(wr);
    return reply;
  }

  /** Asks for the whole block. */
  Reply read() throws RnicException {
    Reply reply = adapter.expectTcb(tid);
    MemorySegment wr = Adapter.scratch(CplGetTcb.SIZE_BYTES);
    new CplGetTcb().encode(wr, 0, tid, adapter.eventQueueId(), 0, 0);
    adapter.control(wr);
    return reply;
  }

  // ---- bytes and RDMA mode

  /** Tells firmware of the connection; the first request of a tid in the offload queue. */
  Reply flowc(ConnectionPlan plan, int sendBufferBytes) throws RnicException {
    Reply reply = adapter.expectFlowKnown(tid);
    MemorySegment wr = Adapter.scratch(MAX_FLOWC_BYTES);
    int channel = adapter.port().number();
    int size =
        new FwFlowcWr()
            .begin(wr, 0, tid, true)
            .connection(
                adapter.parameters().pf(),
                channel,
                adapter.eventQueueId(),
                (int) plan.sndUna(),
                (int) plan.rcvNxt(),
                sendBufferBytes,
                plan.emssBytes(),
                plan.peerScale(),
                plan.vlan())
            .end();
    adapter.offload(wr, size);
    return reply;
  }

  /** Enters RDMA mode. */
  Reply init(ConnectionPlan plan, WorkQueues queues) throws RnicException {
    long cookie = adapter.nextCookie();
    Reply reply = adapter.expect(cookie, "FW_RI_WR INIT of tid " + tid);
    MemorySegment wr = Adapter.scratch(FwRiWr.SIZE_BYTES);
    new FwRiWr()
        .init(wr, 0, tid, cookie)
        .mpa(
            plan.speaksFirst(),
            plan.p2pType(),
            plan.mpa().receiveMarkers(),
            plan.mpa().sendMarkers(),
            plan.mpa().crc())
        .workQueues(false, 0, queues.domain(), queues.sendId(), queues.sendId())
        .receiveQueue(queues.receiveId(), queues.receiveTableEntries(), queues.receiveTableOffset())
        .completionQueues(queues.completionId(), queues.completionId())
        .depths(plan.mpa().ord(), plan.mpa().ird())
        .start((int) plan.sndUna(), (int) plan.rcvNxt());
    offload(wr);
    return reply;
  }

  /** Leaves RDMA mode. */
  Reply fini() throws RnicException {
    long cookie = adapter.nextCookie();
    Reply reply = adapter.expect(cookie, "FW_RI_WR FINI of tid " + tid);
    MemorySegment wr = Adapter.scratch(FwRiWr.SIZE_BYTES);
    new FwRiWr().fini(wr, 0, tid, cookie);
    offload(wr);
    return reply;
  }

  /**
   * Has a Terminate sent.
   *
   * @param cause layer and type in bits 15:8, code in bits 7:0
   */
  void terminate(int cause) {
    MemorySegment wr = Adapter.scratch(FwRiWr.SIZE_BYTES);
    new FwRiWr().terminate(wr, 0, tid, cause >>> Byte.SIZE, cause & BYTE_MASK);
    offload(wr);
  }

  /** Sends octets before RDMA mode: the last {@code together} of them in a request of their own. */
  void stream(Octets octets, int together) {
    MemorySegment bytes = MemorySegment.ofArray(octets.toByteArray());
    long first = bytes.byteSize() - together;
    for (long at = 0; at < bytes.byteSize(); ) {
      long end = at < first ? first : bytes.byteSize();
      int length = (int) Math.min(FwOfldTxDataWr.MAX_BYTES, end - at);
      MemorySegment wr = Adapter.scratch(FwOfldTxDataWr.sizeBytes(length));
      new FwOfldTxDataWr().encode(wr, 0, tid, bytes, at, length);
      offload(wr);
      at += length;
    }
  }

  // ---- the end

  /** A FIN behind all that is posted. */
  void close() {
    MemorySegment wr = Adapter.scratch(CplCloseConReq.SIZE_BYTES);
    new CplCloseConReq().encode(wr, 0, tid);
    offload(wr);
  }

  /** Ends the connection at once, with a RST or without a word. */
  void abort(boolean reset) {
    MemorySegment wr = Adapter.scratch(CplAbort.SIZE_BYTES);
    new CplAbort().request(wr, 0, tid, reset ? Cpl.CPL_ABORT_SEND_RST : Cpl.CPL_ABORT_NO_RST);
    offload(wr);
  }

  /** Answers the chip's own abort. */
  void abortReply() {
    MemorySegment wr = Adapter.scratch(CplAbort.SIZE_BYTES);
    new CplAbort().reply(wr, 0, tid, Cpl.CPL_ABORT_NO_RST);
    offload(wr);
  }

  /** The tid is free again. */
  void release() {
    MemorySegment wr = Adapter.scratch(CplTidRelease.SIZE_BYTES);
    new CplTidRelease().encode(wr, 0, tid);
    adapter.control(wr);
  }

  private void offload(MemorySegment wr) {
    adapter.offload(wr, (int) wr.byteSize());
  }
}
