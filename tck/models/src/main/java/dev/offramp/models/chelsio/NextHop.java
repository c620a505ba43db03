package dev.offramp.models.chelsio;

import dev.offramp.api.descriptor.MacAddress;

/**
 * An entry of the next-hop table (L2T).
 *
 * @param port the port that frames leave by
 * @param vlan 12 bits of VLAN and 3 of priority above, or {@link CplRequest.L2tWrite#NO_VLAN}
 */
record NextHop(int port, int vlan, MacAddress mac) {
  boolean isTagged() {
    return vlan != CplRequest.L2tWrite.NO_VLAN;
  }
}
