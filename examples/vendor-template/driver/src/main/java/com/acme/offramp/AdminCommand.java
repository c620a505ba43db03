package com.acme.offramp;

/**
 * A command of 64 bytes in memory: offsets, operation codes and status. The adapter writes results
 * first and {@link #STATUS} last.
 */
final class AdminCommand {
  static final int BYTES = 64;

  static final long OPCODE = 0;
  static final long STATUS = 4;

  /** Queue pair: a result of {@link #CREATE}. */
  static final long QUEUE_PAIR = 8;

  /** STag: a result of {@link #REGISTER}. */
  static final long STAG = 12;

  static final long ADDRESS = 16;
  static final long SIZE_BYTES = 24;
  static final long TAGGED_OFFSET = 32;
  static final long ACCESS = 40;

  /** Takes the connection whose {@link Context} is at the address; silent until it is started. */
  static final int CREATE = 1;

  /**
   * Ends a connection at once, by RST when it was started, and flushes what was posted. Nothing
   * when there is no such queue pair any more.
   */
  static final int ABORT = 2;

  /** Forgets a queue pair; its memory is not used any more. */
  static final int DESTROY = 3;

  /** Gives memory an STag that is valid for one queue pair. */
  static final int REGISTER = 4;

  /** Revokes an STag; its memory is not used any more. */
  static final int DEREGISTER = 5;

  static final int PENDING = 0;
  static final int DONE = 1;

  static final int ACCESS_REMOTE_READ = 1;
  static final int ACCESS_REMOTE_WRITE = 2;
  static final int ACCESS_REMOTE_INVALIDATE = 4;

  private AdminCommand() {}
}
