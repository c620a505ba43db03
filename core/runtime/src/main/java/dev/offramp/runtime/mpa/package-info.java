/** MPA start-up on a plain socket, before the move. */
@NullMarked
package dev.offramp.runtime.mpa;

import org.jspecify.annotations.NullMarked;
