/** Descriptors that the kit makes: samples, and their variations. */
@NullMarked
package dev.offramp.tck.descriptor;

import org.jspecify.annotations.NullMarked;
