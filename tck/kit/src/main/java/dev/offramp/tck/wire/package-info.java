/**
 * iWARP as the kit itself reads and writes it, with nothing of the engine that drivers may use: a
 * second, independent reading of the standards.
 */
@NullMarked
package dev.offramp.tck.wire;

import org.jspecify.annotations.NullMarked;
