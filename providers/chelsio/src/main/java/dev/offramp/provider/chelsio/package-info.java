/**
 * The driver for Chelsio T5 and T6, beginning with {@link
 * dev.offramp.provider.chelsio.ChelsioDriver}.
 */
@NullMarked
package dev.offramp.provider.chelsio;

import org.jspecify.annotations.NullMarked;
