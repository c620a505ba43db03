package dev.offramp.iwarp.sim;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.iwarp.rdmap.TerminateCause;
import org.jspecify.annotations.Nullable;

/** The model of one accepted request: what has to come of it. */
final class Request {
  final long id;
  final Operation operation;

  /** What arrives at the peer, or for a Read here. */
  byte[] payload = new byte[0];

  /** Where in the slab of whoever gets it; -1 when the Receive decides. */
  int at = -1;

  boolean solicited;
  boolean invalidates;
  int stag;

  /** Index of the ticket or local area that is revoked. */
  int revoked = -1;

  long immediate;

  /** For an atomic: the word, and its value before and after. */
  int word = -1;

  long before;
  long after;

  /** A Read of what an earlier Write has put there. */
  boolean afterWrite;

  /** Its local memory is revoked when its turn comes. */
  boolean refusedHere;

  /** The error that the peer has to find in it. */
  @Nullable TerminateCause error;

  /** Posted behind a request with an error. */
  boolean behindError;

  @Nullable Completion completion;

  Request(long id, Operation operation) {
    this.id = id;
    this.operation = operation;
  }

  /** Whether it takes one of the peer's Receives. */
  boolean takesReceive() {
    return (operation == Operation.SEND || operation == Operation.IMMEDIATE) && !refusedHere;
  }

  boolean isAtomic() {
    return operation == Operation.FETCH_ADD || operation == Operation.COMPARE_SWAP;
  }

  @Override
  public String toString() {
    return operation
        + " "
        + id
        + " of "
        + payload.length
        + " bytes"
        + (error == null ? "" : " with " + error)
        + (behindError ? " behind an error" : "");
  }
}
