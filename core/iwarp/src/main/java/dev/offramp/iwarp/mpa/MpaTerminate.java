package dev.offramp.iwarp.mpa;

/**
 * Start-up errors that are told to the peer in a Terminate message, once Full Operation has begun
 * (RFC 6581, section 9).
 */
public enum MpaTerminate {
  /** Local catastrophic error: none of the others fits. */
  LOCAL_CATASTROPHIC(5),
  /** The peer's ORD is above what this end can take. */
  INSUFFICIENT_IRD(6),
  /** This end can send none of the ready-to-receive indications that the peer takes. */
  NO_MATCHING_RTR(7);

  /** The LLP's layer number in a Terminate. */
  public static final int LAYER = 2;

  /** The error type of MPA. */
  public static final int TYPE = 0;

  private final int code;

  MpaTerminate(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
