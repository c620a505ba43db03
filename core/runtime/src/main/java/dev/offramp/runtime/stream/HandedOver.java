package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;

/**
 * A departure of which somebody has to know that it is through.
 *
 * @param socket the departure itself
 * @param onReleased run once it is released
 */
record HandedOver(Departure socket, Runnable onReleased) implements Departure {
  @Override
  public IwarpConnectionDescriptor descriptor() {
    return socket.descriptor();
  }

  @Override
  public void steerAway() throws TransferException {
    socket.steerAway();
  }

  @Override
  public void steerBack() throws TransferException {
    socket.steerBack();
  }

  @Override
  public void release() {
    socket.release();
    onReleased.run();
  }

  @Override
  public void resume() throws TransferException {
    socket.resume();
  }

  @Override
  public void close() throws TransferException {
    socket.close();
  }
}
