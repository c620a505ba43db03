/**
 * The world that a driver is put into: its ports, one clock that the kit moves, one thread at a
 * time, and everything recorded.
 */
@NullMarked
package dev.offramp.tck.bench;

import org.jspecify.annotations.NullMarked;
