/**
 * RDMAP (RFC 5040, RFC 7306): {@link dev.offramp.iwarp.rdmap.RdmapStream} is one connection in Full
 * Operation, {@link dev.offramp.iwarp.rdmap.MemoryTable} the memory that it may touch.
 */
@NullMarked
package dev.offramp.iwarp.rdmap;

import org.jspecify.annotations.NullMarked;
