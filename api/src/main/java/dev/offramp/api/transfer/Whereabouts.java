package dev.offramp.api.transfer;

import org.apiguardian.api.API;

/** Who owns a connection after a move that did not succeed. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum Whereabouts {
  /** The old owner, running as before. */
  OLD_OWNER("the connection goes on at its old owner"),
  /** The new owner, running. */
  NEW_OWNER("the connection is at its new owner"),
  /** Stopped at the old owner, which could not resume it. */
  FROZEN("the connection is frozen at its old owner"),
  /** Nobody: it is dead. */
  LOST("the connection is lost");

  private final String sentence;

  Whereabouts(String sentence) {
    this.sentence = sentence;
  }

  /** The same as a clause for messages. */
  public String sentence() {
    return sentence;
  }
}
