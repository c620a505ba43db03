package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.Octets;
import org.apiguardian.api.API;

/**
 * A Responder's decision. After a rejection TCP stays open, and the plain connection is the
 * application's again (RFC 5044, section 7.1.2, rule 2).
 *
 * @param accepted whether to accept
 * @param privateData what the Reply carries to the peer's application, 0..512 bytes (508 when
 *     enhanced)
 * @param lastStreamingMessage bytes sent on the plain stream right before the Reply (RFC 5044,
 *     section 7.1.5, rule 2)
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record MpaDecision(boolean accepted, Octets privateData, Octets lastStreamingMessage) {
  public static MpaDecision accept() {
    return accept(Octets.empty());
  }

  public static MpaDecision accept(Octets privateData) {
    return new MpaDecision(true, privateData, Octets.empty());
  }

  public static MpaDecision reject(Octets privateData) {
    return new MpaDecision(false, privateData, Octets.empty());
  }

  /** The same decision with a last streaming message before the Reply. */
  public MpaDecision after(Octets message) {
    return new MpaDecision(accepted, privateData, message);
  }
}
