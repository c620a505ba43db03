package dev.offramp.cli.matrix;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.linux.net.HostIdentity;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where a NIC can be opened, in words for another process.
 *
 * @param namespace a path that the other process can open
 * @param hostPort leads to the host
 * @param wirePort leads to the peer
 * @param identity whom it looks like
 */
record KilledPorts(String namespace, String hostPort, String wirePort, HostIdentity identity) {
  private static final HexFormat MAC = HexFormat.ofDelimiter(":");

  /** One word. */
  String encode() {
    return String.join(
        ";",
        namespace,
        hostPort,
        wirePort,
        identity.mac().toString(),
        identity.addresses().stream().map(Object::toString).collect(Collectors.joining(",")),
        identity.neighbours().stream()
            .map(each -> text(each.address()) + "=" + each.mac())
            .collect(Collectors.joining(",")));
  }

  private static String text(InetAddress address) {
    return address.getHostAddress().replaceAll("%.*", "");
  }

  static KilledPorts decode(String word) throws IOException {
    String[] parts = word.split(";", -1);
    List<HostIdentity.Prefix> addresses = new ArrayList<>();
    for (String each : parts[4].split(",", -1)) {
      String[] prefix = each.split("/", -1);
      addresses.add(
          new HostIdentity.Prefix(InetAddress.getByName(prefix[0]), Integer.parseInt(prefix[1])));
    }
    List<HostIdentity.StaticNeighbour> neighbours = new ArrayList<>();
    for (String each : parts[5].split(",", -1)) {
      String[] pair = each.split("=", -1);
      neighbours.add(
          new HostIdentity.StaticNeighbour(InetAddress.getByName(pair[0]), mac(pair[1])));
    }
    return new KilledPorts(
        parts[0],
        parts[1],
        parts[2],
        new HostIdentity(mac(parts[3]), addresses, neighbours, List.of()));
  }

  private static MacAddress mac(String text) {
    return MacAddress.of(MAC.parseHex(text));
  }

  /** Its namespace, to be closed by the caller. */
  NetworkNamespace enter() throws IOException {
    return NetworkNamespace.ofPath(Path.of(namespace));
  }

  SteeredNic open(NetworkNamespace where) throws IOException {
    return SteeredNic.open(where, hostPort, wirePort, identity);
  }
}
