/**
 * What the kernel would do with a packet: route, neighbour and interface, asked over rtnetlink
 * (rtnetlink(7)). Begin with {@link dev.offramp.linux.netlink.EgressPath}.
 *
 * <p>Encoding and decoding are pure and safe against any bytes; {@link
 * dev.offramp.linux.netlink.NetlinkSocket} is the only class that talks to the kernel. Needs no
 * privilege.
 */
@NullMarked
package dev.offramp.linux.netlink;

import org.jspecify.annotations.NullMarked;
