/**
 * Every interleaving of a move in a small world: the real coordinator's program, two owners, a
 * network that loses and repeats, a peer, and crashes.
 */
@NullMarked
package dev.offramp.runtime.model;

import org.jspecify.annotations.NullMarked;
