package dev.offramp.models.intel;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.Link;
import org.jspecify.annotations.Nullable;

/**
 * Stops the TCP of a loaded connection, for UPLOAD_CONTEXT or for good. irdma encodes the command
 * and has no caller for it, so all that it does here is an <b>inference</b>: with freeze the
 * connection stays stopped until RESUME_QP, or until MODIFY_QP to error without reset or DESTROY_QP
 * gives it up without a segment; a context cannot say what queues hold, so a freeze needs them
 * empty. Where they are not, the command fails, and the device looks for such a moment until it is
 * asked again, or RESUME_QP comes: see {@link Quiescence}.
 */
final class HandBack {
  private final DeviceState device;
  private final QueuePair owner;
  private final Link.Claim claim;
  private @Nullable Departure departure;

  HandBack(DeviceState device, QueuePair owner, Link.Claim claim) {
    this.device = device;
    this.owner = owner;
    this.claim = claim;
  }

  boolean isFrozen() {
    return departure != null;
  }

  /** UPLOAD_CONTEXT of a running connection. */
  void upload(ConnectionContext context, LiveStream running, long buffer, boolean freeze)
      throws CommandException, DmaFaultException {
    if (departure != null) {
      throw new CommandException(
          CommandCodes.MINOR_INVALID_STATE, owner + ": UPLOAD_CONTEXT of a frozen QP");
    }
    if (freeze && !running.comesToRest()) {
      throw new CommandException(
          CommandCodes.MINOR_SUSPEND_PENDING,
          owner + ": UPLOAD_CONTEXT with freeze while RDMA is under way; SUSPEND_QP first");
    }
    running.runner().pause();
    try {
      Departure stopped = claim.stop();
      IwarpConnectionDescriptor now = stopped.descriptor();
      boolean keeps = freeze && !ContextWriter.hasBytes(now);
      if (keeps) {
        departure = stopped;
      } else {
        stopped.resume();
        running.runner().resume();
      }
      if (freeze && !keeps) {
        throw new CommandException(
            CommandCodes.MINOR_SUSPEND_PENDING,
            owner + ": bytes came meanwhile, or are not acknowledged");
      }
      write(buffer, ContextWriter.write(context.words(), now));
    } catch (TransferException e) {
      running.runner().resume();
      throw new CommandException(CommandCodes.MINOR_LINK, String.valueOf(e.getMessage()));
    }
  }

  private void write(long buffer, long[] words) throws DmaFaultException {
    if (device.faults().at(IntelFaults.UPLOAD_GARBAGE) != Faults.NO_FAULT) {
      ContextFields.DESTIPADDR3.set(words, ~ContextFields.DESTIPADDR3.get(words));
      ContextFields.DESTPORTNUM.set(words, ~ContextFields.DESTPORTNUM.get(words));
    }
    device.dma.write(buffer, words);
  }

  /** RESUME_QP: a frozen connection goes on. */
  void resume(LiveStream running) throws CommandException {
    Departure stopped = departure;
    if (stopped != null) {
      try {
        stopped.resume();
      } catch (TransferException e) {
        throw new CommandException(CommandCodes.MINOR_LINK, String.valueOf(e.getMessage()));
      }
      departure = null;
      running.runner().resume();
    }
    running.endRest();
  }

  /**
   * TCP falls silent, if it has not yet.
   *
   * @return false when it is on its way to the end and cannot be stopped
   */
  boolean stop() {
    if (departure == null) {
      try {
        departure = claim.stop();
      } catch (TransferException e) {
        return false;
      }
    }
    return true;
  }

  /** A connection that was stopped is given up. */
  void release() {
    Departure stopped = departure;
    if (stopped != null) {
      departure = null;
      stopped.release();
    }
  }
}
