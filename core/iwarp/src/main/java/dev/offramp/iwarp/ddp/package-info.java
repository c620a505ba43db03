/** DDP headers and error numbers of RFC 5041. */
@NullMarked
package dev.offramp.iwarp.ddp;

import org.jspecify.annotations.NullMarked;
