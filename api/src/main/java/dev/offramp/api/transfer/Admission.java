package dev.offramp.api.transfer;

import java.util.List;
import org.apiguardian.api.API;

/**
 * An owner's answer to {@link StateTransfer#admits}.
 *
 * @param refusals why the owner does not take the connection; empty when it does
 * @param losses what the connection would lose there; the caller must accept each one
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Admission(List<Refusal> refusals, List<Loss> losses) {
  private static final Admission FULL = new Admission(List.of(), List.of());

  public Admission {
    refusals = List.copyOf(refusals);
    losses = List.copyOf(losses);
  }

  /** Takes the connection with all that it has. */
  public static Admission full() {
    return FULL;
  }

  /** Takes the connection, without {@code losses}. */
  public static Admission withLosses(List<Loss> losses) {
    return new Admission(List.of(), losses);
  }

  /** Does not take it. */
  public static Admission refused(List<Refusal> refusals) {
    if (refusals.isEmpty()) {
      throw new IllegalArgumentException("a refusal needs a reason");
    }
    return new Admission(refusals, List.of());
  }

  /** Whether the owner takes the connection, with or without losses. */
  public boolean isAdmitted() {
    return refusals.isEmpty();
  }
}
