package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/**
 * An IEEE 802.1Q tag.
 *
 * @param id VLAN identifier, 1..4094
 * @param priority priority code point, 0..7
 * @param dropEligible drop eligible indicator
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record VlanTag(int id, int priority, boolean dropEligible) {
  public VlanTag {
    Checks.range("cached.vlan.id", id, 1, 4094);
    Checks.range("cached.vlan.priority", priority, 0, 7);
  }
}
