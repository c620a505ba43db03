package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.MtuTable;

/**
 * What firmware and registers say of an adapter; constant while it is up.
 *
 * @param chip its generation
 * @param pf the PCI function, which is the mailbox's number, too
 * @param firmware major 31:24, minor 23:16, micro 15:8, build 7:0
 * @param portVector a bit for each port
 * @param tids how many connections the look-up engine can hold
 * @param maxReadDepth IRD and ORD of one connection
 * @param adapterReadDepth IRD of all connections together
 * @param l2t next-hop entries
 * @param sqrq numbers of send and receive queues
 * @param cq numbers of completion queues
 * @param stag memory of the table of STags
 * @param pbl memory of page lists
 * @param rq memory of posted Receives
 * @param connectionRequests whether FW_OFLD_CONNECTION_WR is offered: an active filter region is
 *     configured
 * @param filterMode which parts a compressed filter tuple has ({@code TP_VLAN_PRI_MAP})
 * @param statusSlots slots of 64 bytes that an egress queue's status page takes
 * @param pageShift log2 of a doorbell page's bytes
 * @param egressPerPageShift log2 of how many egress queues share a doorbell page
 * @param ingressPerPageShift the same for ingress queues
 * @param freeListBytes size of a free list's buffer of kind 0
 * @param mtus the table of MTUs
 */
public record Parameters(
    Chip chip,
    int pf,
    int firmware,
    int portVector,
    int tids,
    int maxReadDepth,
    int adapterReadDepth,
    Range l2t,
    Range sqrq,
    Range cq,
    Range stag,
    Range pbl,
    Range rq,
    boolean connectionRequests,
    int filterMode,
    int statusSlots,
    int pageShift,
    int egressPerPageShift,
    int ingressPerPageShift,
    int freeListBytes,
    MtuTable mtus) {

  /** The firmware's version for people. */
  public String firmwareText() {
    return "%d.%d.%d.%d"
        .formatted(firmware >>> 24, firmware >>> 16 & 0xFF, firmware >>> 8 & 0xFF, firmware & 0xFF);
  }
}
