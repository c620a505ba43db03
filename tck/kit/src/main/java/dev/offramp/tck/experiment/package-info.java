/** What the kit does with a driver: each experiment decides on some rules. */
@NullMarked
package dev.offramp.tck.experiment;

import org.jspecify.annotations.NullMarked;
