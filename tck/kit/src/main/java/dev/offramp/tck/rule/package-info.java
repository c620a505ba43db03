/** The rules that a driver is held to: {@link dev.offramp.tck.rule.RuleCatalogue}. */
@NullMarked
package dev.offramp.tck.rule;

import org.jspecify.annotations.NullMarked;
