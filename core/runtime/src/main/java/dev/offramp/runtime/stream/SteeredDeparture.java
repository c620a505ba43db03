package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.SteeredNic;
import java.io.IOException;

/**
 * A connection that leaves a NIC's stack. From the beginning the guard swallows every RST of its
 * 4-tuple; when the new owner is ready its segments are led on as though there were no NIC.
 */
final class SteeredDeparture implements Departure {
  private static final String OWNER_NAME = "linux";

  private final Departure socket;
  private final SteeredNic nic;
  private final FourTuple tuple;
  private final TransferListener listener;
  private final Runnable onReleased;
  private boolean ledAway;
  private boolean over;

  /**
   * A departure whose guard is up.
   *
   * @param socket TCP's part of it
   * @param listener told when the segments are led away
   * @param onReleased forgets the connection
   */
  SteeredDeparture(
      Departure socket,
      SteeredNic nic,
      FourTuple tuple,
      TransferListener listener,
      Runnable onReleased) {
    this.listener = listener;
    this.socket = socket;
    this.nic = nic;
    this.tuple = tuple;
    this.onReleased = onReleased;
  }

  /** Puts the guard up. */
  static void hold(SteeredNic nic, FourTuple tuple) throws TransferException {
    try {
      nic.hold(tuple);
    } catch (IOException | RuntimeException e) {
      throw new TransferException(
          TransferStep.EXCLUDE,
          Whereabouts.OLD_OWNER,
          "no guard can be put up against RST: " + e.getMessage(),
          e);
    }
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return socket.descriptor();
  }

  @Override
  public void steerAway() throws TransferException {
    socket.steerAway();
    long start = System.nanoTime();
    try {
      // Even when this fails half-way, resuming has to lead them back.
      ledAway = true;
      nic.unsteer(tuple);
    } catch (IOException | RuntimeException e) {
      throw new TransferException(
          TransferStep.STEER,
          Whereabouts.OLD_OWNER,
          "the peer's segments cannot be led away from the NIC: " + e.getMessage(),
          e);
    } finally {
      listener.step(TransferStep.STEER, OWNER_NAME, start, System.nanoTime());
    }
  }

  /** The guard first, and the segments before the socket listens again. */
  @Override
  public void steerBack() throws TransferException {
    if (ledAway && !over) {
      try {
        nic.steer(tuple);
        nic.hold(tuple);
        ledAway = false;
      } catch (IOException | RuntimeException e) {
        throw new TransferException(
            TransferStep.RESUME,
            Whereabouts.FROZEN,
            "the peer's segments cannot be led back to the NIC: " + e.getMessage(),
            e);
      }
    }
    socket.steerBack();
  }

  @Override
  public void release() {
    socket.release();
    over = true;
    onReleased.run();
  }

  @Override
  public void resume() throws TransferException {
    if (!over) {
      steerBack();
      socket.resume();
      over = true;
      open();
    }
  }

  private void open() throws TransferException {
    try {
      nic.open(tuple);
    } catch (IOException | RuntimeException e) {
      throw new TransferException(
          TransferStep.RESUME,
          Whereabouts.OLD_OWNER,
          "the connection goes on, and a RST of its own would be swallowed: " + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() throws TransferException {
    resume();
  }
}
