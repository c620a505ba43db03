package dev.offramp.tck.oracle;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.tck.rule.Rule;
import java.util.List;
import java.util.Set;

/**
 * Two connections, or several, that an encoder of another transport cannot tell apart (leak
 * catalogue, section 0.3). The strongest oracle: it needs no knowledge of a device's layout.
 *
 * @param id of the catalogue: P1 to P22
 * @param rule what is broken when they are treated alike
 * @param words what the encoding does to them
 * @param fields what they differ in
 * @param essential whether a connection cannot go on without them, declared or not
 * @param connections at least two
 */
public record CollisionPair(
    String id,
    Rule rule,
    String words,
    Set<FieldKey<?>> fields,
    boolean essential,
    List<IwarpConnectionDescriptor> connections) {}
