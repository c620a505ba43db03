/** The software RNIC against plain NIO, over loopback. */
@NullMarked
package dev.offramp.benchmarks.softiwarp;

import org.jspecify.annotations.NullMarked;
