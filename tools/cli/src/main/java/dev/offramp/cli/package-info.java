/** One class per subcommand, beginning with {@link dev.offramp.cli.Main}. */
@NullMarked
package dev.offramp.cli;

import org.jspecify.annotations.NullMarked;
