/** The {@code offramp} command. */
@NullMarked
package dev.offramp.cli;

import org.jspecify.annotations.NullMarked;
