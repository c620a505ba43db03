/** Reads a vendor's jar without loading it. */
@NullMarked
package dev.offramp.tck.scan;

import org.jspecify.annotations.NullMarked;
