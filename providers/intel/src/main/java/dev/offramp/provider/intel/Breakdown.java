package dev.offramp.provider.intel;

import dev.offramp.spi.DriverContext;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a device that can no longer be told anything. It goes on with TCP for its
 * connections, and keeps the segments of those that have left, until its function is reset. So
 * whoever moves connections hears of it first, then the function is reset, and then connections
 * end. Safe for any thread; {@link #tell} and {@link #resetFunction} wait, and are called without
 * the control queue's lock.
 *
 * <p>Source: irdma does the same when its control queue is not answered ({@code irdma_wait_event},
 * and {@code request_reset} of i40iw_if.c and icrdma_if.c), and on a critical error.
 */
final class Breakdown {
  private static final String PENDING = "its function is about to be reset";
  private static final String DONE = "its function has been reset";
  private static final String NOT_DONE =
      "its function cannot be reset from here, and may go on with TCP: reset the adapter";

  private final DriverContext context;

  /** Held while the function is reset: nobody gives memory back meanwhile. */
  private final ReentrantLock resetting = new ReentrantLock();

  private boolean tried;
  private volatile boolean reset;

  /**
   * Who is told when connections may end; null while none depends on the device, before it is up
   * and while it is closed: calls just fail then.
   */
  private @Nullable Runnable service;

  /** What was seen and expected; null while the device has not failed by itself. */
  private @Nullable String seen;

  private volatile @Nullable String reason;

  /** What {@link dev.offramp.spi.RnicEvents#failing} has still to be told. */
  private volatile boolean untold;

  /** Whether it has been told, and the reset tried. */
  private volatile boolean announced;

  /** Who is told; null when it has failed out of service. */
  private @Nullable Runnable whenOver;

  /** A device that is well. */
  Breakdown(DriverContext context) {
    this.context = context;
  }

  /**
   * From now on whoever moves connections off failing devices is told when this one fails.
   *
   * @param over called by any thread when all is done about a failure, and connections may end
   * @throws CommandException when it has failed already
   */
  synchronized void enterService(Runnable over) throws CommandException {
    String known = reason;
    if (known != null) {
      throw new CommandException("the device has failed while it was brought up: " + known);
    }
    service = over;
  }

  /** The device is being closed: what fails from now on concerns no connection. */
  synchronized void leaveService() {
    service = null;
  }

  /**
   * It has failed. Of several reasons the first counts.
   *
   * @param what what was seen and what was expected; what is done about it comes behind that
   */
  synchronized void begin(String what) {
    if (reason != null) {
      return;
    }
    seen = what;
    reason = what + "; " + PENDING;
    whenOver = service;
    untold = service != null;
    context.logger().log(System.Logger.Level.ERROR, "the control queue is broken: " + what);
  }

  /** Nobody uses it any more. */
  synchronized void close() {
    if (reason == null) {
      reason = "the RNIC is closed";
    }
  }

  /** Why no command is possible any more; null while all is well. */
  @Nullable String reason() {
    return reason;
  }

  /** The same, where the device has failed by itself. */
  synchronized @Nullable String failure() {
    return seen == null ? null : reason;
  }

  /** The same, once whoever moves connections has been told; only then may connections end. */
  @Nullable String announced() {
    return announced ? reason : null;
  }

  /** The same, for who waits for a command: not before all has been done about it. */
  synchronized @Nullable String settled() {
    return whenOver != null && !announced ? null : reason;
  }

  /** Whether the device has forgotten everything, and reaches no memory. */
  boolean isReset() {
    return reset;
  }

  /**
   * Tells whom it concerns, resets the function, and lets connections end; all of it once.
   *
   * @return whether that was now
   */
  boolean tell() {
    if (!untold) {
      return false;
    }
    String why;
    Runnable over;
    synchronized (this) {
      why = untold ? reason : null;
      over = whenOver;
      untold = false;
    }
    if (why == null || over == null) {
      return false;
    }
    try {
      context.events().failing(why);
    } finally {
      resetFunction();
      announced = true;
      over.run();
    }
    return true;
  }

  /**
   * Has the function reset, unless that was tried before. Afterwards the reason says what came of
   * it.
   */
  void resetFunction() {
    resetting.lock();
    try {
      if (!tried) {
        tried = true;
        reset = isDoneByPlatform();
        conclude();
      }
    } finally {
      resetting.unlock();
    }
  }

  private boolean isDoneByPlatform() {
    try {
      return context.window().reset();
    } catch (RuntimeException e) {
      context.logger().log(System.Logger.Level.ERROR, "the function's reset has failed", e);
      return false;
    }
  }

  private synchronized void conclude() {
    String outcome = reset ? DONE : NOT_DONE;
    if (seen != null) {
      reason = seen + "; " + outcome;
    }
    context
        .logger()
        .log(
            reset ? System.Logger.Level.WARNING : System.Logger.Level.ERROR,
            context.device().name() + ": " + outcome);
  }
}
