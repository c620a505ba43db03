package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Parameters;
import dev.offramp.provider.chelsio.wire.CplL2tWriteReq;
import dev.offramp.provider.chelsio.wire.MtuTable;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.spi.RnicException;
import java.util.Optional;
import java.util.Set;

/**
 * What the host decides for a connection's frames, and decides anew while it runs: next hop, VLAN
 * tag, path MTU. Told by one thread at a time; {@link #amend} is for any.
 */
public final class Path {
  private final Adapter adapter;
  private final ConnectionPlan plan;
  private final Holdings holdings;
  private long mac;
  private Optional<VlanTag> vlan;
  private int mssIndex;
  private boolean changed;

  /** As the connection came. */
  Path(Adapter adapter, ConnectionPlan plan, Holdings holdings) {
    this.adapter = adapter;
    this.plan = plan;
    this.holdings = holdings;
    this.mac = plan.nextHopMac();
    this.vlan = Optional.ofNullable(plan.tag());
    this.mssIndex = plan.mssIndex();
  }

  /**
   * What a chip takes changes of. Where its look-up engine compares the VLAN tag with the
   * connection's, not that: FW_OFLD_CONNECTION_WR has the filter, and nothing changes it later.
   */
  public static Set<FieldKey<?>> takes(Parameters parameters) {
    return FilterTuple.comparesVlan(parameters.filterMode())
        ? Set.of(DescriptorFields.NEXT_HOP_MAC, DescriptorFields.PATH_MTU_BYTES)
        : Set.of(
            DescriptorFields.NEXT_HOP_MAC,
            DescriptorFields.PATH_MTU_BYTES,
            DescriptorFields.VLAN_TAG);
  }

  /**
   * Frames go as {@code cached} says from now on. Next hop and tag: a new entry of the table, then
   * the control block names it, as the offload driver of an earlier chip does it (cxgb3_offload.c
   * {@code set_l2t_ix}). MTU: the control block names another row of the MTU table. Inference: no
   * public driver of this chip changes either field of a running connection.
   *
   * @throws RnicException when it cannot be taken; nothing has changed, unless the adapter failed
   */
  synchronized void update(FlowRequests flow, IwarpConnectionDescriptor cached)
      throws RnicException {
    long nextMac =
        cached.isKnown(DescriptorFields.NEXT_HOP_MAC)
            ? cached.value(DescriptorFields.NEXT_HOP_MAC).value()
            : mac;
    Optional<VlanTag> nextVlan =
        cached.isKnown(DescriptorFields.VLAN_TAG)
            ? Optional.of(cached.value(DescriptorFields.VLAN_TAG))
            : Optional.empty();
    int nextIndex =
        cached.isKnown(DescriptorFields.PATH_MTU_BYTES)
            ? rowFor(cached.value(DescriptorFields.PATH_MTU_BYTES))
            : mssIndex;
    if (!nextVlan.equals(vlan) && FilterTuple.comparesVlan(adapter.parameters().filterMode())) {
      throw new RnicException(
          "%s: seen VLAN tag %s, expected %s: TP_VLAN_PRI_MAP has the look-up engine compare it;"
                  .formatted(name(), shown(nextVlan), shown(vlan))
              + " move the connection to another RNIC and back");
    }
    if (nextMac != mac || !nextVlan.equals(vlan)) {
      reroute(flow, nextMac, nextVlan);
    }
    if (nextIndex != mssIndex) {
      adapter.awaitCpl(flow.set(TcbField.T_MAXSEG, nextIndex));
      mssIndex = nextIndex;
      changed = true;
    }
  }

  private void reroute(FlowRequests flow, long nextMac, Optional<VlanTag> nextVlan)
      throws RnicException {
    int tag = nextVlan.map(ConnectionPlan::tagControl).orElse(CplL2tWriteReq.VLAN_NONE);
    try {
      holdings.reroute(nextMac, tag, index -> adapter.awaitCpl(flow.set(TcbField.L2T_IX, index)));
    } catch (NoRoomException e) {
      throw new RnicException(name() + ": " + e.getMessage(), e);
    }
    mac = nextMac;
    vlan = nextVlan;
    changed = true;
  }

  /** The largest row that neither the path nor what the peer takes forbids. */
  private int rowFor(int mtuBytes) throws RnicException {
    MtuTable mtus = adapter.parameters().mtus();
    int most =
        Math.max(
            plan.emssBytes(),
            plan.descriptor().get(DescriptorFields.MSS_CLAMP_BYTES).orElse(plan.emssBytes()));
    int row = mtus.indexWithin(mtuBytes, most, plan.ipv6());
    if (row < 0) {
      throw new RnicException(
          "%s: seen a path MTU of [%d] bytes, expected one with room for a row of the MTU table,"
                  .formatted(name(), mtuBytes)
              + " whose segments carry one of %s; move the connection to another RNIC"
                  .formatted(mtus.allMss(plan.ipv6())));
    }
    return row;
  }

  private String name() {
    return adapter.context().device().name();
  }

  private static String shown(Optional<VlanTag> tag) {
    return "[" + tag.map(VlanTag::toString).orElse("none") + "]";
  }

  /** Adds what has changed. */
  synchronized IwarpConnectionDescriptor.Builder amend(IwarpConnectionDescriptor.Builder to) {
    if (!changed) {
      return to;
    }
    String source = "told while it ran";
    to.present(DescriptorFields.NEXT_HOP_MAC, new MacAddress(mac), source);
    if (vlan.isPresent()) {
      to.present(DescriptorFields.VLAN_TAG, vlan.get(), source);
    } else {
      to.absent(DescriptorFields.VLAN_TAG, "untagged");
    }
    if (mssIndex != plan.mssIndex()) {
      MtuTable mtus = adapter.parameters().mtus();
      to.present(DescriptorFields.PATH_MTU_BYTES, mtus.mtuBytes(mssIndex), source)
          .present(DescriptorFields.SEND_MSS_BYTES, mtus.mssBytes(mssIndex, plan.ipv6()), source);
    }
    return to;
  }
}
