/**
 * The native edge in two layers: {@link dev.offramp.linux.libc.LibC} mirrors libc one to one,
 * {@link dev.offramp.linux.libc.PanamaLibC} calls it. Services with a meaning are built on the
 * first, so that a test can make any call fail with any errno. Begin with {@link
 * dev.offramp.linux.libc.NativeAccess}.
 */
@NullMarked
package dev.offramp.linux.libc;

import org.jspecify.annotations.NullMarked;
