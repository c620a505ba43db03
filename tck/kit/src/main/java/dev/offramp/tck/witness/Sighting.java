package dev.offramp.tck.witness;

import dev.offramp.tck.rule.Rule;

/**
 * Something that the vendor's code did, or tried in vain, outside its ports.
 *
 * @param rule what it breaks
 * @param text what it did, and where in the vendor's code
 */
public record Sighting(Rule rule, String text) {}
