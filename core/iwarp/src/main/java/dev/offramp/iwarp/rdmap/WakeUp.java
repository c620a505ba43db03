package dev.offramp.iwarp.rdmap;

/**
 * When an Initiator that has not heard of its peer sends a zero-length Write, which means nothing
 * to a Responder but that something has come.
 *
 * <p>Linux siw sends its Reply before it listens to its socket, and never reads what came in
 * between unless more comes. RFC 5040 lets a Write come at any time, and RFC 5041, section 5.2, has
 * neither STag nor tagged offset looked at when it is empty; so it is harmless to every other peer,
 * too. Not safe for use by several threads.
 */
final class WakeUp {
  /** How much longer each pause is than the one before. */
  private static final int GROWTH = 10;

  /** A peer that has read none of three is silent for reasons of its own. */
  private static final int MAX_SENT = 3;

  private final boolean enabled;
  private long pauseNanos;
  private long dueNanos = RdmapStream.NO_DEADLINE;
  private boolean started;
  private int sent;

  /**
   * Nothing is due yet.
   *
   * @param enabled whether this end is an Initiator that does this
   * @param afterNanos the first pause
   */
  WakeUp(boolean enabled, long afterNanos) {
    this.enabled = enabled;
    this.pauseNanos = afterNanos;
  }

  /** The first FPDU is on its way: the first pause begins. Does nothing afterwards. */
  void start(long nowNanos) {
    if (enabled && !started) {
      started = true;
      dueNanos = nowNanos + pauseNanos;
    }
  }

  /** The peer has sent something: it is awake. */
  void stop() {
    started = true;
    sent = MAX_SENT;
    dueNanos = RdmapStream.NO_DEADLINE;
  }

  boolean isDue(long nowNanos) {
    return dueNanos != RdmapStream.NO_DEADLINE && nowNanos - dueNanos >= 0;
  }

  /** One is on its way: a longer pause begins, or none. */
  void sent(long nowNanos) {
    sent++;
    pauseNanos *= GROWTH;
    dueNanos = sent < MAX_SENT ? nowNanos + pauseNanos : RdmapStream.NO_DEADLINE;
  }

  /** Whether nothing will be due any more. */
  boolean isOver() {
    return !enabled || (started && dueNanos == RdmapStream.NO_DEADLINE);
  }

  /** When the next one is due; {@link RdmapStream#NO_DEADLINE} for none. */
  long dueNanos() {
    return dueNanos;
  }

  /**
   * Whether a FIN has to wait: siw drops what it has not read when the FIN comes, so at least one
   * must go before.
   */
  boolean holdsClose() {
    return enabled && started && sent == 0;
  }
}
