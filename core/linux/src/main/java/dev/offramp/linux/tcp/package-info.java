/**
 * What Linux lets one do to a TCP socket, one idea per class, above {@link
 * dev.offramp.linux.libc.LibC} and below {@code HostStack}. Nothing here knows a channel or a move,
 * except {@link dev.offramp.linux.tcp.FileDescriptors}, which finds a channel's descriptor.
 */
@NullMarked
package dev.offramp.linux.tcp;

import org.jspecify.annotations.NullMarked;
