/** What the host decides anew for connections at RNICs that make frames themselves. */
@NullMarked
package dev.offramp.runtime.paths;

import org.jspecify.annotations.NullMarked;
