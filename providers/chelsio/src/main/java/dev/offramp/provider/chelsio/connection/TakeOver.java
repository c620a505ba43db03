package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcbFlags;
import dev.offramp.spi.RnicException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * How a connection comes to the chip. All that can fail is in {@link #prepare}, which sends
 * nothing; {@link #activate} lets the chip speak.
 *
 * <pre>
 *  control queue                           offload queue
 *  FW_RI_RES_WR        CQ, then SQ and RQ
 *  CPL_SMT_WRITE_REQ   source address
 *  CPL_L2T_WRITE_REQ   next hop
 *  FW_OFLD_CONNECTION_WR  t_state 4, NON_OFFLOAD
 *  CPL_SET_TCB_FIELD   what that cannot carry
 *  CPL_SET_TCB_FIELD   T_FLAGS: quiesced, NON_OFFLOAD cleared: the chip owns the 4-tuple
 *                                          FW_FLOWC_WR
 *                                          FW_RI_WR INIT
 *  ---- the old owner lets go
 *  CPL_SET_TCB_FIELD   T_FLAGS: no longer quiesced
 *                                          FW_OFLD_TX_DATA_WR  unsent bytes, the MPA Reply
 *                                          doorbell of the SQ
 * </pre>
 *
 * Inferences: the order around NON_OFFLOAD (after ktls, which sets it in the open request and
 * clears it last); that the chip, quiesced, neither sends nor acknowledges; that INIT can come
 * before the streaming-mode bytes of a quiesced connection (iw_cxgb4 has them in this order: the
 * Reply is posted before INIT is answered).
 */
final class TakeOver {
  private final Adapter adapter;
  private final ConnectionPlan plan;
  private final ConnectionSettings settings;
  private final WorkQueues queues;
  private final Holdings holdings;
  private final ChelsioConnection connection;

  private TakeOver(
      Adapter adapter,
      ConnectionPlan plan,
      ConnectionSettings settings,
      WorkQueues queues,
      Holdings holdings,
      ChelsioConnection connection) {
    this.adapter = adapter;
    this.plan = plan;
    this.settings = settings;
    this.queues = queues;
    this.holdings = holdings;
    this.connection = connection;
  }

  /**
   * Takes a connection over, as far as can be done in silence.
   *
   * @param onNew told of the connection as soon as something of it is on the adapter
   * @param onReleased told when nothing is any more, also after a failure
   * @throws RnicException when the adapter does not do it; all is given back
   * @throws NoRoomException when the adapter has no room for it; likewise
   */
  static ChelsioConnection prepare(
      Adapter adapter,
      ConnectionPlan plan,
      ConnectionSettings settings,
      Consumer<ChelsioConnection> onNew,
      Consumer<ChelsioConnection> onReleased)
      throws RnicException, NoRoomException {
    adapter.requireUp();
    WorkQueues queues = WorkQueues.take(adapter, settings);
    Holdings holdings = new Holdings(adapter, plan);
    ChelsioConnection connection =
        new ChelsioConnection(adapter, plan, settings, queues, holdings, onReleased);
    onNew.accept(connection);
    try {
      new TakeOver(adapter, plan, settings, queues, holdings, connection).prepare();
    } catch (RnicException | NoRoomException | RuntimeException e) {
      connection.abandon();
      throw e;
    }
    return connection;
  }

  private void prepare() throws RnicException, NoRoomException {
    FlowEvents events = new FlowEvents(connection);
    adapter.registerQueues(queues.sendId(), queues.completionId(), events);
    queues.make();
    holdings.take();
    FlowRequests requests =
        new FlowRequests(adapter, new ConnectionRequest(adapter, plan, holdings).execute());
    adapter.register(requests.tid(), events);
    connection.named(requests);
    for (Reply reply : fields(requests)) {
      adapter.awaitCpl(reply);
    }
    adapter.awaitCpl(requests.quiesce(true, TcbFlags.NON_OFFLOAD.mask()));
    adapter.await(requests.flowc(plan, settings.sendBufferBytes()));
    adapter.awaitFirmware(requests.init(plan, queues));
    requireAlive();
  }

  /** What FW_OFLD_CONNECTION_WR has no place for, or is not known to fill in. */
  private List<Reply> fields(FlowRequests requests) throws RnicException {
    List<Reply> replies = new ArrayList<>();
    replies.add(requests.set(TcbField.TX_MAX, plan.sndUna()));
    replies.add(requests.set(TcbField.SND_UNA_RAW, 0));
    replies.add(requests.set(TcbField.SND_NXT_RAW, 0));
    replies.add(requests.set(TcbField.SND_MAX_RAW, 0));
    replies.add(requests.set(TcbField.SND_REC_RAW, 0));
    replies.add(requests.set(TcbField.RCV_NXT, plan.rcvNxt()));
    replies.add(requests.set(TcbField.RCV_WND, plan.rcvWnd()));
    replies.add(requests.set(TcbField.TS_LAST_ACK_SENT_RAW, plan.lastAckDistance()));
    if (plan.cwndBytes() > 0) {
      replies.add(requests.set(TcbField.SND_CWND, plan.cwndBytes()));
    }
    if (plan.ssthreshBytes() > 0) {
      replies.add(requests.set(TcbField.SND_SSTHRESH, plan.ssthreshBytes()));
    }
    return replies;
  }

  private void requireAlive() throws RnicException {
    StreamEnd end = connection.endAnyway();
    if (end != null) {
      throw new RnicException("the connection ended while it arrived: " + end);
    }
  }

  /**
   * Lets the chip speak; a connection that dies meanwhile says so itself.
   *
   * @throws RnicException when it does not, in spite of all that it has agreed to: it is broken,
   *     and the connection has ended without a word
   */
  static void activate(Adapter adapter, ChelsioConnection connection, FlowRequests requests)
      throws RnicException {
    try {
      adapter.awaitCpl(requests.quiesce(false, 0));
    } catch (RnicException e) {
      boolean died = connection.endAnyway() != null;
      connection.abandon();
      if (died) {
        return;
      }
      throw e;
    }
    requests.stream(connection.plan().streaming(), connection.plan().replyBytes());
    connection.activated();
  }
}
