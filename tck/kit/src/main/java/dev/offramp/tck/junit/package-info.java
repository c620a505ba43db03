/** The kit as a test class, for a vendor's IDE and build. */
@NullMarked
package dev.offramp.tck.junit;

import org.jspecify.annotations.NullMarked;
