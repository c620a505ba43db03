/**
 * The model of Intel's X722 and E810 as irdma's chips of generation 1 and 2: control queue, host
 * memory cache, queues with valid bits, the 256-byte connection context, completions and events.
 * Begin with {@link dev.offramp.models.intel.IntelModel}.
 *
 * <p><b>Nothing here has run against silicon.</b> Facts are those of Linux's irdma driver (6.1) and
 * its headers. Where the driver does not tell what the device does, a class says "model decision".
 */
@NullMarked
package dev.offramp.models.intel;

import org.jspecify.annotations.NullMarked;
