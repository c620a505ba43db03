/** The protocol of rdma-core's rping, over any RNIC. */
@NullMarked
package dev.offramp.cli.rping;

import org.jspecify.annotations.NullMarked;
