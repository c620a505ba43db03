/** The implementation of the front door, wired with Guice. */
@NullMarked
package dev.offramp.runtime;

import org.jspecify.annotations.NullMarked;
