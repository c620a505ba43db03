/** Tests of the archetype: it has no code of its own. */
@org.jspecify.annotations.NullMarked
package dev.offramp.archetype;
