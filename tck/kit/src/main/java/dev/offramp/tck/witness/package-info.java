/** What the virtual machine itself saw of a driver that went round its ports. */
@NullMarked
package dev.offramp.tck.witness;

import org.jspecify.annotations.NullMarked;
