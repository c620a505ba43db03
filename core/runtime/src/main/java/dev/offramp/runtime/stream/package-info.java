/** Where a software RNIC's streams come from, one class per residence. */
@NullMarked
package dev.offramp.runtime.stream;

import org.jspecify.annotations.NullMarked;
