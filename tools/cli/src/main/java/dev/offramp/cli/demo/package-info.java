/** The demonstration: two processes, one connection, and what becomes of it. */
@NullMarked
package dev.offramp.cli.demo;

import org.jspecify.annotations.NullMarked;
