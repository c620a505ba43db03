package com.acme.offramp;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The Acme A1, up. */
final class AcmeRnic implements Rnic {
  static final Set<Operation> OPERATIONS =
      Set.of(Operation.SEND, Operation.RECEIVE, Operation.WRITE, Operation.READ);

  /** The most Reads at once, in either direction. */
  static final int MAX_DEPTH = 32;

  private static final RnicCapabilities CAPABILITIES =
      new RnicCapabilities(
          OPERATIONS,
          TcpResidence.NEW_OWNER,
          /* mpaRevisions= */ Set.of(1, 2),
          /* sendMarkers= */ false,
          /* receiveMarkers= */ false,
          /* crcCanBeOff= */ false,
          /* maxIrd= */ MAX_DEPTH,
          /* maxOrd= */ MAX_DEPTH,
          /* maxPrivateDataBytes= */ 512,
          /* maxGatherEntries= */ 1,
          /* maxScatterEntries= */ 1,
          Rings.SEND_ENTRIES,
          Rings.RECEIVE_ENTRIES,
          /* needsDrainedSendQueue= */ true,
          Context.consumed(),
          Context.DEFAULTS);

  private final Adapter adapter;
  private final Set<AcmeConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  AcmeRnic(Adapter adapter) {
    this.adapter = adapter;
    adapter.window().onInterrupt(0, adapter.context().eventLoops().next(), this::interrupted);
    adapter.onFailure(why -> connections.forEach(connection -> connection.adapterFailed(why)));
  }

  /** One line for all: each connection looks whether it was meant. */
  private void interrupted() {
    connections.forEach(AcmeConnection::interrupted);
  }

  @Override
  public String ownerName() {
    return adapter.name();
  }

  @Override
  public RnicCapabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return AcmeAdmission.of(profile);
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    Admission admission = AcmeAdmission.ofStopped(ConnectionProfile.of(descriptor));
    if (!admission.isAdmitted()) {
      throw TransferException.refused(TransferStep.PREPARE, admission.refusals());
    }
    if (closed) {
      throw refused(
          TransferStep.PREPARE, RefusalReason.NO_OWNER, "a closed RNIC", "open Offramp again");
    }
    try {
      AcmeConnection connection = new AcmeConnection(adapter, descriptor, connections::remove);
      connections.add(connection);
      if (closed) {
        connection.shutDown();
      }
      return new AcmeArrival(connection);
    } catch (OutOfDeviceMemoryException e) {
      throw refused(
          TransferStep.PREPARE,
          RefusalReason.NO_RESOURCES,
          String.valueOf(e.getMessage()),
          "close connections, or raise the memlock limit");
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
    }
  }

  /** The adapter cannot describe a running connection, so it gives none up. */
  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    throw refused(
        TransferStep.ADMIT,
        RefusalReason.UNSUPPORTED,
        "an iWARP stream at " + ownerName(),
        "close it, and connect anew");
  }

  private static TransferException refused(
      TransferStep step, RefusalReason reason, String seen, String remedy) {
    String expected =
        switch (reason) {
          case NO_OWNER -> "an open one";
          case NO_RESOURCES -> "room for one more connection";
          default -> "a connection of the host's stack";
        };
    return TransferException.refused(step, List.of(new Refusal(reason, seen, expected, remedy)));
  }

  @Override
  public void close() {
    closed = true;
    List.copyOf(connections).forEach(AcmeConnection::shutDown);
    adapter.close();
  }
}
