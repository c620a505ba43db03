/** What a driver did, in one total order. */
@NullMarked
package dev.offramp.tck.trace;

import org.jspecify.annotations.NullMarked;
