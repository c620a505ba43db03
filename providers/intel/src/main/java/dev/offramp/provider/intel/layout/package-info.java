/**
 * How X722 and E810 lay their structures out: commands, contexts, work requests, completions and
 * events, as arrays of little-endian 64-bit words. Begin with {@link
 * dev.offramp.provider.intel.layout.BitField}.
 *
 * <p>Each layout is declared once, with the field names of Linux' driver irdma, and serves to write
 * and to read. Nothing here allocates, waits or touches a device.
 */
@NullMarked
package dev.offramp.provider.intel.layout;

import org.jspecify.annotations.NullMarked;
