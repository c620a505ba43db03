/**
 * The driver for Intel X722 and E810, beginning with {@link
 * dev.offramp.provider.intel.IntelDriver}.
 */
@NullMarked
package dev.offramp.provider.intel;

import org.jspecify.annotations.NullMarked;
