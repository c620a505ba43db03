/** What passes between two owners: {@link dev.offramp.api.descriptor.IwarpConnectionDescriptor}. */
@NullMarked
package dev.offramp.api.descriptor;

import org.jspecify.annotations.NullMarked;
