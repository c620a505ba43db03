package dev.offramp.models.intel;

import dev.offramp.api.descriptor.MacAddress;

/**
 * Where the segments of a modelled connection go, for tests: nothing of a modelled wire shows it.
 *
 * @param nextHop Ethernet destination of its frames
 * @param segmentBytes payload of a full segment
 */
public record IntelRoute(MacAddress nextHop, int segmentBytes) {}
