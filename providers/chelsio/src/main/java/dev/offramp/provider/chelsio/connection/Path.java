package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.spi.RnicException;
import org.jspecify.annotations.Nullable;

/** What the host has decided anew for a connection's frames while it ran. For one thread. */
final class Path {
  private final Adapter adapter;
  private final Holdings holdings;
  private volatile @Nullable MacAddress nextHopMac;

  /** As the connection came. */
  Path(Adapter adapter, Holdings holdings) {
    this.adapter = adapter;
    this.holdings = holdings;
  }

  /**
   * Frames go to another next hop from now on: a new entry of the table, then the control block
   * names it, as the offload driver of an earlier chip does it (cxgb3_offload.c {@code
   * set_l2t_ix}). Inference: no public driver of this chip changes the field of a running
   * connection.
   *
   * @throws RnicException when the adapter does not do it
   */
  void reroute(FlowRequests flow, MacAddress mac) throws RnicException {
    try {
      holdings.reroute(mac.value(), index -> adapter.awaitCpl(flow.set(TcbField.L2T_IX, index)));
    } catch (NoRoomException e) {
      throw new RnicException(adapter.context().device().name() + ": " + e.getMessage(), e);
    }
    nextHopMac = mac;
  }

  /** Adds what has changed. */
  IwarpConnectionDescriptor.Builder amend(IwarpConnectionDescriptor.Builder to) {
    MacAddress mac = nextHopMac;
    return mac == null ? to : to.present(DescriptorFields.NEXT_HOP_MAC, mac, "told while it ran");
  }
}
