/**
 * The host's TCP stack as an owner of connections. Begin with {@link dev.offramp.linux.HostStack},
 * which gives live connections up and takes described ones over, and with {@link
 * dev.offramp.linux.GatedChannel}, which keeps application threads away while it does. {@link
 * dev.offramp.linux.ProcessSockets} looks into other processes; {@link dev.offramp.linux.Doctor}
 * says what the host lacks.
 */
@NullMarked
package dev.offramp.linux;

import org.jspecify.annotations.NullMarked;
