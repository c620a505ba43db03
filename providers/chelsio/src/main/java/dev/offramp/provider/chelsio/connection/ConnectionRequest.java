package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.FwError;
import dev.offramp.provider.chelsio.wire.FwOfldConnectionWr;
import dev.offramp.provider.chelsio.wire.Opt0;
import dev.offramp.provider.chelsio.wire.Opt2;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Has firmware make the control block of a connection that is established already, and learns its
 * tid. Inference: public drivers use FW_OFLD_CONNECTION_WR for connections that are being opened;
 * its t_state has a number for ESTABLISHED, and NON_OFFLOAD keeps the chip's hands off until the
 * rest of the state is there, as ktls does.
 */
final class ConnectionRequest {
  /** As often as iw_cxgb4 asks again ({@code ACT_OPEN_RETRY_COUNT}). */
  private static final int RETRIES = 2;

  /** {@code RCV_BUFSIZ} has ten bits, in units of 1 KiB; more is given by RCV_WND. */
  private static final int KIB_SHIFT = 10;

  private final Adapter adapter;
  private final ConnectionPlan plan;
  private final Holdings holdings;

  ConnectionRequest(Adapter adapter, ConnectionPlan plan, Holdings holdings) {
    this.adapter = adapter;
    this.plan = plan;
    this.holdings = holdings;
  }

  /** Returns the tid. */
  int execute() throws RnicException, NoRoomException {
    int atid =
        adapter
            .resources()
            .opens()
            .take()
            .orElseThrow(() -> new NoRoomException("all names for new connections in use"));
    try {
      for (int tries = 0; ; tries++) {
        Reply reply = ask(atid);
        if (reply.status() == 0) {
          return (int) reply.value();
        }
        if (tries == RETRIES || !isTransient(reply.status())) {
          adapter.requireDone(reply);
        }
      }
    } finally {
      adapter.resources().opens().giveBack(atid);
    }
  }

  /** {@code active_ofld_conn_reply}: these go away when another connection has ended. */
  private static boolean isTransient(int status) {
    return status == FwError.FW_ENOMEM.code() || status == FwError.FW_EADDRINUSE.code();
  }

  private Reply ask(int atid) throws RnicException {
    long cookie = adapter.nextCookie();
    Reply reply = adapter.expect(cookie, "FW_OFLD_CONNECTION_WR of " + plan.local());
    MemorySegment wr = Adapter.scratch(FwOfldConnectionWr.SIZE_BYTES);
    FwOfldConnectionWr request =
        new FwOfldConnectionWr()
            .begin(wr, 0, false, cookie)
            .lookup(
                plan.ipv6(),
                false,
                FilterTuple.of(
                    adapter.parameters().filterMode(), adapter.port().number(), plan.vlan()))
            .state(FwOfldConnectionWr.T_STATE_ESTABLISHED, plan.peerScale(), atid)
            .follows(false, false)
            .sequence(plan.rcvAdv(), (int) plan.rcvNxt(), (int) plan.sndUna())
            .options(opt0(), opt2());
    addresses(request);
    adapter.control(wr);
    adapter.await(reply);
    return reply;
  }

  private void addresses(FwOfldConnectionWr request) {
    ByteBuffer local = octets(plan.local().getAddress());
    ByteBuffer remote = octets(plan.remote().getAddress());
    int localPort = plan.local().getPort();
    int remotePort = plan.remote().getPort();
    if (plan.ipv6()) {
      request.tuple6(
          localPort,
          remotePort,
          local.getLong(0),
          local.getLong(Long.BYTES),
          remote.getLong(0),
          remote.getLong(Long.BYTES));
    } else {
      request.tuple4(localPort, remotePort, local.getInt(0), remote.getInt(0));
    }
  }

  private static ByteBuffer octets(InetAddress address) {
    return ByteBuffer.wrap(address.getAddress());
  }

  private long opt0() {
    long buffer = Math.clamp(plan.rcvWnd() >>> KIB_SHIFT, 1, Opt0.RCV_BUFSIZ.max());
    return Opt0.MSS_IDX.of(plan.mssIndex())
        | Opt0.KEEP_ALIVE.of(plan.keepAlive() ? 1 : 0)
        | Opt0.WND_SCALE.of(plan.ownScale())
        | Opt0.L2T_IDX.of(holdings.nextHop())
        | Opt0.SMAC_SEL.of(holdings.sourceMac())
        | Opt0.DSCP.of(plan.dscp())
        | Opt0.RCV_BUFSIZ.of(buffer)
        | Opt0.ULP_MODE.of(Opt0.ULP_MODE_TCPDDP)
        | Opt0.NON_OFFLOAD.of(1)
        | Opt0.TX_CHAN.of(adapter.port().number());
  }

  private int opt2() {
    return Opt2.T5_OPT_2_VALID.int32(true)
        | Opt2.RSS_QUEUE_VALID.int32(true)
        | Opt2.RSS_QUEUE.int32(adapter.eventQueueId())
        | Opt2.SACK_EN.int32(plan.sack())
        | Opt2.WND_SCALE_EN.int32(plan.scaling())
        | Opt2.CCTRL_ECN.int32(plan.ecn())
        | Opt2.CONG_CNTRL.int32(Opt2.CONG_ALG_NEWRENO);
  }
}
