package dev.offramp.api.mpa;

import org.apiguardian.api.API;

/**
 * How to turn a TCP stream into an iWARP stream: the first word of every conversion. Both ends must
 * reach this point at the same octet of the stream; which end opened the TCP connection does not
 * matter (RFC 5044, section 7.1).
 *
 * <pre>{@code
 * offramp.offload(tcp, Mpa.initiator().privateData(hello).build());
 * offramp.offload(tcp, Mpa.responder(request -> MpaDecision.accept()).build());
 * }</pre>
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class Mpa {
  private Mpa() {}

  /** This end sends the MPA Request, and later the first FPDU. */
  public static MpaOptions.Builder initiator() {
    return initiator(reply -> MpaDecision.accept());
  }

  /**
   * The same, and {@code policy} decides on the Reply: when it rejects, start-up ends with {@link
   * MpaFailure#UNACCEPTABLE_REPLY} and TCP stays open (RFC 5044, section 7.1.2, rule 3). The peer
   * takes the stream for an iWARP stream by then: the protocol on top has to settle that.
   */
  public static MpaOptions.Builder initiator(MpaPolicy policy) {
    return new MpaOptions.Builder(MpaRole.INITIATOR, policy);
  }

  /** This end waits for the MPA Request and accepts whatever is well formed. */
  public static MpaOptions.Builder responder() {
    return responder(request -> MpaDecision.accept());
  }

  /** This end waits for the MPA Request, and {@code policy} decides on it. */
  public static MpaOptions.Builder responder(MpaPolicy policy) {
    return new MpaOptions.Builder(MpaRole.RESPONDER, policy);
  }
}
