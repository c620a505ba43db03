package dev.offramp.provider.chelsio.connection;

import dev.offramp.spi.ConnectionMovedException;

/**
 * Keeps the application's threads out of a connection that is stopped for a move, and turns them
 * away from one that has left. All but {@link #enter} and {@link #enterUnlessLeft} under the
 * connection's lock.
 */
final class Gate {
  private final Serial serial;
  private final String owner;
  private boolean stopped;
  private boolean left;

  /**
   * An open gate.
   *
   * @param owner the present owner's name
   */
  Gate(Serial serial, String owner) {
    this.serial = serial;
    this.owner = owner;
  }

  /**
   * Takes the connection's lock; waits while it is stopped.
   *
   * @throws ConnectionMovedException when it has left; the lock is not taken
   */
  void enter() {
    if (!enterUnlessLeft()) {
      throw new ConnectionMovedException(owner);
    }
  }

  /** Takes the lock; false, and it is not taken, when the connection has left. */
  boolean enterUnlessLeft() {
    serial.enter();
    boolean interrupted = false;
    // A handler's thread is inside already, and has to come out.
    while (stopped && !serial.isNested()) {
      try {
        serial.await(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    boolean gone = left;
    if (gone) {
      serial.exit();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !gone;
  }

  /**
   * For a thread that has waited inside: waits on while the connection is stopped.
   *
   * @throws ConnectionMovedException when it has left
   */
  void pass() throws InterruptedException {
    while (stopped) {
      serial.await(Long.MAX_VALUE);
    }
    if (left) {
      throw new ConnectionMovedException(owner);
    }
  }

  boolean isStopped() {
    return stopped;
  }

  boolean hasLeft() {
    return left;
  }

  void stop() {
    stopped = true;
  }

  void goOn() {
    stopped = false;
    serial.signal();
  }

  void leave() {
    stopped = false;
    left = true;
    serial.signal();
  }
}
