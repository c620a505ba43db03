/** The front door: {@link dev.offramp.api.Offramp}. */
@NullMarked
package dev.offramp.api;

import org.jspecify.annotations.NullMarked;
