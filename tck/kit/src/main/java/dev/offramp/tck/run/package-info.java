/** How experiments are run: one virtual machine for each stage, plans, shards, witnesses. */
@NullMarked
package dev.offramp.tck.run;

import org.jspecify.annotations.NullMarked;
