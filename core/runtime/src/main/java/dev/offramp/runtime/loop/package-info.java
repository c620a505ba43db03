/** Threads and channels: the stream port of connections that live on a socket. */
@NullMarked
package dev.offramp.runtime.loop;

import org.jspecify.annotations.NullMarked;
