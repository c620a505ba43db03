/** What moving a connection out of the kernel and into it costs. */
@NullMarked
package dev.offramp.benchmarks.handover;

import org.jspecify.annotations.NullMarked;
