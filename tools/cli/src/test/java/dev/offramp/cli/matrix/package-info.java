/** Faults of moves, for each pair of the matrix. */
@NullMarked
package dev.offramp.cli.matrix;

import org.jspecify.annotations.NullMarked;
