package dev.offramp.models.chelsio;

import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.StreamPort;

/**
 * What RX_QUIESCE alone does to a connection in RDMA mode (model decision): the chip takes the rest
 * of what has begun, and then nothing more; TCP drops that, and the peer repeats it. TCP has to
 * know its last octet in advance, which is known while the end of an FPDU is on its way; so it may
 * take some tries until it is the end of a message, too. Over a TCP that cannot do that the flag
 * alone does nothing. For the model's thread.
 */
final class InputEnd {
  private final StreamPort port;
  private boolean wanted;
  private boolean limited;
  private boolean impossible;
  private boolean over;

  /** Input goes on. */
  InputEnd(StreamPort port) {
    this.port = port;
  }

  /** Input shall end, or goes on. */
  void want(boolean on) {
    if (wanted && !on) {
      open();
    }
    wanted = on;
  }

  /** Whether input shall end, and has not yet. */
  boolean isAwaited() {
    return wanted && !over && !impossible;
  }

  /** Whether nothing more is to be taken. */
  boolean isOver() {
    return over;
  }

  /** All that was there has been taken; true when there may be more now. */
  boolean look(RdmaQueues engine) {
    if (!isAwaited()) {
      return false;
    }
    int missing = engine.missingOctets();
    if (limited) {
      return missing == 0 && ended(engine);
    }
    if (missing > 0 || (missing == 0 && engine.isBetweenMessages())) {
      try {
        limited = port.limitInput(missing);
      } catch (TransferException e) {
        impossible = true;
        return false;
      }
      over = limited && missing == 0;
      return !limited;
    }
    return false;
  }

  private boolean ended(RdmaQueues engine) {
    if (engine.isBetweenMessages()) {
      over = true;
      return false;
    }
    open();
    return true;
  }

  private void open() {
    over = false;
    if (limited) {
      limited = false;
      port.unlimitInput();
    }
  }
}
