/**
 * Rings that host and device share, with the vendor's rules for heads, tails, polarity and
 * doorbells: {@link dev.offramp.provider.intel.ring.SendRing}, {@link
 * dev.offramp.provider.intel.ring.CompletionRing} and their neighbours. None of them is safe for
 * two threads at once, and none allocates after construction.
 */
@NullMarked
package dev.offramp.provider.intel.ring;

import org.jspecify.annotations.NullMarked;
