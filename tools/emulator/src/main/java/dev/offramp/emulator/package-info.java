/** Device models joined to live packets. */
@NullMarked
package dev.offramp.emulator;

import org.jspecify.annotations.NullMarked;
