/**
 * Network namespaces, and the NIC in the middle: what an emulated RNIC needs of a stock kernel.
 *
 * <p>Begin with {@link dev.offramp.linux.net.Topology}, three namespaces peer - NIC - host, and
 * {@link dev.offramp.linux.net.SteeredNic}, which lets chosen connections up into the NIC's own
 * stack. Both need CAP_NET_ADMIN and CAP_SYS_ADMIN, which {@code unshare -Urn} gives to anyone, and
 * {@code ip} of iproute2. Filters are set over rtnetlink, without a process.
 *
 * <p>Java decides once, when it starts, whether there is IPv6: by {@code /proc/net/if_inet6}, which
 * is empty in a namespace whose loopback is down. So: {@code unshare -Urn sh -c 'ip link set lo up
 * && java ...'}.
 */
@NullMarked
package dev.offramp.linux.net;

import org.jspecify.annotations.NullMarked;
