/** What a suite of ratios is made of: rounds, targets, figures, reports and tables. No sockets. */
@NullMarked
package dev.offramp.benchmarks.suite;

import org.jspecify.annotations.NullMarked;
