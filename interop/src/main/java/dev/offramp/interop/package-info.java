/**
 * The interop suite. Begin with {@link dev.offramp.interop.Interop}, which runs it, and {@link
 * dev.offramp.interop.Suite}, which lists its cases.
 */
@NullMarked
package dev.offramp.interop;

import org.jspecify.annotations.NullMarked;
