/** How a TCP stream turns into an iWARP stream: {@link dev.offramp.api.mpa.Mpa}. */
@NullMarked
package dev.offramp.api.mpa;

import org.jspecify.annotations.NullMarked;
