/** One executable jar that has the whole kit in it. */
@NullMarked
package dev.offramp.launcher;

import org.jspecify.annotations.NullMarked;
