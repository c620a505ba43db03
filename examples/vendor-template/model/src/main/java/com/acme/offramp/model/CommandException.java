package com.acme.offramp.model;

import java.io.Serial;

/** Thrown when a command is refused: the host gets a number, people get the reason. */
final class CommandException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Unknown operation, or parameters out of range. */
  static final int BAD_COMMAND = 2;

  /** The context makes no connection. */
  static final int BAD_CONTEXT = 3;

  /** Memory that is not mapped for the adapter. */
  static final int DMA_FAULT = 4;

  /** The 4-tuple cannot be taken, or TCP does not go on from this state. */
  static final int NO_CONNECTION = 5;

  /** No STag is left. */
  static final int NO_STAG = 6;

  private final int status;

  CommandException(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }
}
