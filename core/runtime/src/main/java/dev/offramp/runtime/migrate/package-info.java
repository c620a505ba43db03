/**
 * A connection leaves one process for another: {@link dev.offramp.runtime.migrate.RemoteOwner} is
 * the other process as an owner like any other, {@link
 * dev.offramp.runtime.migrate.MigrationReceiver} is that process's part. {@link
 * dev.offramp.runtime.migrate.RdmaMigration} does both for connections in RDMA mode, with memory.
 * Where both share a kernel, {@link dev.offramp.runtime.migrate.PassingOwner} and {@link
 * dev.offramp.runtime.migrate.PassingReceiver} pass the socket itself.
 */
@NullMarked
package dev.offramp.runtime.migrate;

import org.jspecify.annotations.NullMarked;
