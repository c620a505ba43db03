package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import java.util.function.UnaryOperator;

/** A departure that describes something else. */
record OtherDeparture(Departure honest, UnaryOperator<IwarpConnectionDescriptor> change)
    implements Departure {
  @Override
  public IwarpConnectionDescriptor descriptor() {
    return change.apply(honest.descriptor());
  }

  @Override
  public void release() {
    honest.release();
  }

  @Override
  public void resume() throws TransferException {
    honest.resume();
  }

  @Override
  public void close() throws TransferException {
    honest.close();
  }
}
