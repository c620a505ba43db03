/** The matrix of owners: each to each, and what each pair can carry. */
@NullMarked
package dev.offramp.cli.matrix;

import org.jspecify.annotations.NullMarked;
