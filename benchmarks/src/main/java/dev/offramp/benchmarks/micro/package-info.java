/** JMH microbenchmarks. */
@NullMarked
package dev.offramp.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
