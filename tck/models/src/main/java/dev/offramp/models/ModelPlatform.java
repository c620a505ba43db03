package dev.offramp.models;

import dev.offramp.spi.port.EventLoop;
import java.util.function.LongSupplier;

/**
 * What a modelled adapter is plugged into.
 *
 * @param memory what it reaches by DMA
 * @param interrupts how it interrupts the host
 * @param loop its own thread: all work of the model happens there
 * @param link its port and cable
 * @param nanoTime its clock, monotonic
 * @param faults what is to go wrong
 */
public record ModelPlatform(
    DeviceMemory memory,
    Interrupts interrupts,
    EventLoop loop,
    Link link,
    LongSupplier nanoTime,
    Faults faults) {}
