package dev.offramp.cli.demo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import java.util.List;

/**
 * An owner that is willing while nobody has stopped, and refuses at the last moment: the worst time
 * for the connection, which has to go on where it was.
 */
final class RefusingOwner implements StateTransfer<Void> {
  @Override
  public String ownerName() {
    return "refusing";
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return Admission.full();
  }

  @Override
  public Departure depart(Void connection) {
    throw new UnsupportedOperationException("this owner never has a connection");
  }

  @Override
  public Arrival<Void> arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    throw TransferException.refused(
        TransferStep.PREPARE,
        List.of(
            new Refusal(
                RefusalReason.NO_RESOURCES,
                "one connection more",
                "a free entry in this owner's table",
                "nothing: the demonstration wants this refusal")));
  }
}
