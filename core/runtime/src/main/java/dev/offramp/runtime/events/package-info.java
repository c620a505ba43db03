/** What Flight Recorder and the log get to see of connections while they live. */
@NullMarked
package dev.offramp.runtime.events;

import org.jspecify.annotations.NullMarked;
