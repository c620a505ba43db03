package dev.offramp.tck.oracle;

import dev.offramp.tck.rule.Rule;

/**
 * A way to write a value that belongs to another transport.
 *
 * @param name short, for the report's legend
 * @param rule the class of leaks that it is
 * @param words what it does to a value
 */
public record Encoding(String name, Rule rule, String words) {}
