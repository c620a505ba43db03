package dev.offramp.emulator;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.net.HostIdentity;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What frames have to look like on the emulated cable. The kernel that stands in for the chip
 * addresses its frames by its own tables; a chip does it by what it was told. So what it was told
 * is compared here: where a chip's frames would reach nobody, the emulator refuses the connection
 * and says why. (A chip would not notice. This check is the emulator's own.)
 */
final class Wiring {
  private final HostIdentity identity;

  Wiring(HostIdentity identity) {
    this.identity = identity;
  }

  void requireReachable(IwarpConnectionDescriptor decoded) throws TransferException {
    List<Refusal> refusals = new ArrayList<>();
    InetAddress remote = decoded.value(DescriptorFields.REMOTE_ADDRESS).getAddress();
    MacAddress nextHop = nextHopMac(remote);
    if (nextHop != null) {
      require(decoded, DescriptorFields.NEXT_HOP_MAC, nextHop, refusals);
    }
    require(decoded, DescriptorFields.SOURCE_MAC, identity.mac(), refusals);
    if (decoded.isKnown(DescriptorFields.VLAN_TAG)) {
      refusals.add(
          refusal(
              DescriptorFields.VLAN_TAG,
              decoded.value(DescriptorFields.VLAN_TAG).toString(),
              "no tag"));
    }
    if (!refusals.isEmpty()) {
      throw TransferException.refused(TransferStep.PREPARE, refusals);
    }
  }

  /** The neighbour itself, or else the gateway; null when the emulator knows neither. */
  private @Nullable MacAddress nextHopMac(InetAddress remote) {
    MacAddress own = neighbour(remote);
    if (own != null) {
      return own;
    }
    for (InetAddress gateway : identity.gateways()) {
      if (gateway.getClass() == remote.getClass()) {
        return neighbour(gateway);
      }
    }
    return null;
  }

  private @Nullable MacAddress neighbour(InetAddress address) {
    for (HostIdentity.StaticNeighbour neighbour : identity.neighbours()) {
      if (Arrays.equals(neighbour.address().getAddress(), address.getAddress())) {
        return neighbour.mac();
      }
    }
    return null;
  }

  private static void require(
      IwarpConnectionDescriptor decoded,
      FieldKey<MacAddress> key,
      MacAddress expected,
      List<Refusal> refusals) {
    if (decoded.isKnown(key) && !decoded.value(key).equals(expected)) {
      refusals.add(refusal(key, decoded.value(key).toString(), expected.toString()));
    }
  }

  private static Refusal refusal(FieldKey<?> key, String seen, String expected) {
    return new Refusal(
        RefusalReason.UNSUPPORTED,
        key + " " + seen + ": no frame would reach the peer",
        expected,
        "encode what the descriptor says");
  }
}
