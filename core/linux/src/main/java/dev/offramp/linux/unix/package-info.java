/** Unix sockets that carry descriptors from one process to another (unix(7), SCM_RIGHTS). */
@NullMarked
package dev.offramp.linux.unix;

import org.jspecify.annotations.NullMarked;
