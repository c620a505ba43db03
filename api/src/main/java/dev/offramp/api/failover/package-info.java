/** Moving all connections away from an RNIC that fails, or that is to be taken out of service. */
@NullMarked
package dev.offramp.api.failover;

import org.jspecify.annotations.NullMarked;
