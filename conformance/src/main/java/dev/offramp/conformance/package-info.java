/** Which test proves which rule of the iWARP standards. For tests only; never published. */
@NullMarked
package dev.offramp.conformance;

import org.jspecify.annotations.NullMarked;
