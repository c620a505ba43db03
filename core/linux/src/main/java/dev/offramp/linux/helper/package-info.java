/**
 * A small process with CAP_NET_ADMIN that does for others what they may not: {@link
 * dev.offramp.linux.helper.HelperServer}, and its client inside a {@link
 * dev.offramp.linux.HostStack}. Applications then need no privilege.
 */
@NullMarked
package dev.offramp.linux.helper;

import org.jspecify.annotations.NullMarked;
