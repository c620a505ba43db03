/** The kit's command line; begin with {@link dev.offramp.tck.cli.TckCommand}. */
@NullMarked
package dev.offramp.tck.cli;

import org.jspecify.annotations.NullMarked;
