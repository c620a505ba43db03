/**
 * Wrong drivers with the rule that each breaks, honest oddities, and how the kit fares with them.
 */
@NullMarked
package dev.offramp.tck.zoo;

import org.jspecify.annotations.NullMarked;
