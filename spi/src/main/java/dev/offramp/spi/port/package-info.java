/**
 * What a driver is handed: {@link dev.offramp.spi.port.DeviceWindow} for hardware, {@link
 * dev.offramp.spi.port.StreamPorts} for a software RNIC. All that a driver does to the outside goes
 * through these interfaces, so it can be recorded completely.
 */
@NullMarked
package dev.offramp.spi.port;

import org.jspecify.annotations.NullMarked;
