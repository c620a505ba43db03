package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.runtime.transfer.TransferCoordinator;

/** What a runtime lets those do who bring connections to other processes, and take them in. */
public interface MigrationHost {
  /** Says what may be lost, and keeps the journal. */
  TransferCoordinator coordinator();

  ConnectionMover mover();

  /**
   * An RNIC that is up and takes connections.
   *
   * @throws TransferException a refusal when it is not
   */
  OpenRnic rnicInService(String name) throws TransferException;

  /**
   * A connection as the runtime has it.
   *
   * @throws TransferException a refusal when it is closed, or another runtime's
   */
  MovableConnection own(RdmaConnection connection) throws TransferException;

  /** A connection has come from another process, and runs. */
  void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor);

  /** A connection is the runtime's no more. More than once, maybe. */
  void gone(MovableConnection connection);
}
