/** Moving connections in RDMA mode, so that applications notice a pause and nothing else. */
@NullMarked
package dev.offramp.runtime.move;

import org.jspecify.annotations.NullMarked;
