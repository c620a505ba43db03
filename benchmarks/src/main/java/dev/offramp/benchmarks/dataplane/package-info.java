/** The software RNIC against plain NIO. */
@NullMarked
package dev.offramp.benchmarks.dataplane;

import org.jspecify.annotations.NullMarked;
