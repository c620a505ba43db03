package dev.offramp.provider.softiwarp;

import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.Topology;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cable that loses one IPv4 packet in sixteen, in either direction. A sender numbers its packets
 * (the Identification field), so which one is lost is no matter of chance, and a retransmission has
 * another number. Needs only u32 and mirred, which every kernel that runs a {@link Topology} has.
 * Starts on established connections only: the numbers of SYN segments do not move on.
 */
final class Loss {
  private static final Pattern PACKETS = Pattern.compile("Sent \\d+ bytes (\\d+) pkt");
  private static final String SINK = "sink";

  private final CommandLine commands;
  private final String cable;

  private Loss(Topology.Node node) {
    this.commands = CommandLine.in(node.namespace());
    this.cable = node.interfaceName();
  }

  /** Starts to lose packets at a node's end of the cable. */
  static Loss at(Topology.Node node) throws IOException {
    Loss loss = new Loss(node);
    // What goes into the sink is for nobody at its other end, and dies there.
    loss.commands.ip("link", "add", SINK, "type", "veth", "peer", "name", SINK + "end");
    loss.commands.ip("link", "set", SINK, "up");
    loss.commands.ip("link", "set", SINK + "end", "up");
    loss.commands.tc("qdisc", "add", "dev", loss.cable, "clsact");
    for (String direction : new String[] {"ingress", "egress"}) {
      loss.commands.tc(
          ("filter add dev "
                  + loss.cable
                  + " "
                  + direction
                  + " protocol ip pref 7 u32"
                  + " match u16 0x0007 0x000f at 4 action mirred egress redirect dev "
                  + SINK)
              .split(" "));
    }
    return loss;
  }

  /** How many packets were lost in a direction: {@code ingress} or {@code egress}. */
  long lost(String direction) throws IOException {
    Matcher matcher = PACKETS.matcher(commands.tc("-s", "filter", "show", "dev", cable, direction));
    long lost = 0;
    while (matcher.find()) {
      lost += Long.parseLong(matcher.group(1));
    }
    return lost;
  }

  /** Loses nothing any more. */
  void stop() throws IOException {
    commands.tc("qdisc", "del", "dev", cable, "clsact");
    commands.ip("link", "del", SINK);
  }
}
