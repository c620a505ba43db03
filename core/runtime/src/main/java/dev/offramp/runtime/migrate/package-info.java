/**
 * A connection leaves one process for another: {@link dev.offramp.runtime.migrate.RemoteOwner} is
 * the other process as an owner like any other, {@link
 * dev.offramp.runtime.migrate.MigrationReceiver} is that process's part. {@link
 * dev.offramp.runtime.migrate.RdmaMigration} does both for connections in RDMA mode, with memory.
 */
@NullMarked
package dev.offramp.runtime.migrate;

import org.jspecify.annotations.NullMarked;
