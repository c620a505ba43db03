/** What a vendor implements: {@link dev.offramp.spi.RnicDriver}. */
@NullMarked
package dev.offramp.spi;

import org.jspecify.annotations.NullMarked;
