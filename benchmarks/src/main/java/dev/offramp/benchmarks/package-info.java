/** What the benchmarks share: samples, options and reports. */
@NullMarked
package dev.offramp.benchmarks;

import org.jspecify.annotations.NullMarked;
