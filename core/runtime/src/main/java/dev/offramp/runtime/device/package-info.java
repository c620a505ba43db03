/**
 * Adapters that this process can reach, beginning with {@link dev.offramp.runtime.device.Adapters}.
 */
@NullMarked
package dev.offramp.runtime.device;

import org.jspecify.annotations.NullMarked;
