/** What all device models share. */
@NullMarked
package dev.offramp.models;

import org.jspecify.annotations.NullMarked;
