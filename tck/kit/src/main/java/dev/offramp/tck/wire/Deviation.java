package dev.offramp.tck.wire;

import dev.offramp.tck.rule.Rule;

/**
 * Something on the wire that a rule forbids.
 *
 * @param rule which rule
 * @param text what was seen, what was expected, where
 */
public record Deviation(Rule rule, String text) {}
