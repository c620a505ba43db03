/** The oracles that need no knowledge of a device's layout. */
@NullMarked
package dev.offramp.tck.oracle;

import org.jspecify.annotations.NullMarked;
