/** What posting a work request costs the thread that posts it. */
@NullMarked
package dev.offramp.benchmarks.posting;

import org.jspecify.annotations.NullMarked;
