/**
 * The bytes that a T5 or T6 reads and writes: work requests, CPL messages, firmware commands,
 * completion queue entries and doorbells, one flyweight for each, with the field names of the
 * vendor's Linux drivers (cxgb4, iw_cxgb4). Everything is big-endian unless a field says that it is
 * in the host's order. Nothing here allocates, waits or decides.
 */
@NullMarked
package dev.offramp.provider.chelsio.wire;

import org.jspecify.annotations.NullMarked;
