package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.Cqe;

/**
 * A connection, told what the adapter says of it. Called on the thread that drains the event queue:
 * must return at once, must not throw, and must copy what it keeps.
 */
public interface Flow {
  /** The peer's FIN has come. */
  void peerClosed();

  /** The own FIN is acknowledged, or never will be. */
  void closeReplied(int status);

  /**
   * The connection has been reset by the chip.
   *
   * @param status {@code CPL_ERR_*}
   */
  void abortRequested(int status);

  /** The chip has carried out an abort that was asked for. */
  void abortReplied(int status);

  /** The peer's Terminate, from its first control octet on. */
  void terminated(byte[] message);

  /** Octets came that belong to no FPDU. */
  void streamed(int octets);

  /**
   * An error completion that no work request stands for.
   *
   * @param cqe the first half of one
   */
  void failedCompletion(Cqe cqe);

  /** There may be new completions. */
  void completionEvent();

  /** The adapter does what it must not, or nothing any more. */
  void deviceFailed(String reason);
}
