package dev.offramp.iwarp.mpa;

import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.RtrKind;
import java.util.Set;

/**
 * The arithmetic of IRD, ORD and ready-to-receive indications (RFC 6581, section 9).
 *
 * <p>A Responder's IRD has to cover the Initiator's ORD, so it grows as far as the RNIC can. Where
 * even that is not enough, the Reply says what there is: an Initiator must not exceed the IRD of
 * the Reply, so nothing is lost, and stacks in use do the same.
 */
final class Negotiation {
  /** Zero-length Write first: it takes no read depth and no receive buffer. */
  private static final RtrKind[] PREFERENCE = {RtrKind.WRITE, RtrKind.READ, RtrKind.SEND};

  private Negotiation() {}

  /** This end's ORD, given the peer's IRD (section 9.1). */
  static int ord(int own, int peerIrd) {
    return peerIrd == MpaFrame.ULP_MANAGED ? own : Math.min(own, peerIrd);
  }

  /** A Responder's IRD, given the Initiator's ORD and the most that the RNIC can (section 9.1). */
  static int responderIrd(int own, int peerOrd, int most) {
    boolean ulpManaged = peerOrd == MpaFrame.ULP_MANAGED || own == MpaFrame.ULP_MANAGED;
    return ulpManaged ? own : Math.max(own, Math.min(peerOrd, most));
  }

  /** What a Responder's Reply says, given what it will do and what the Request left to the ULP. */
  static int replied(int own, int inForce, int requested) {
    boolean ulpManaged = requested == MpaFrame.ULP_MANAGED || own == MpaFrame.ULP_MANAGED;
    return ulpManaged ? MpaFrame.ULP_MANAGED : inForce;
  }

  /** Whether an Initiator's IRD covers the ORD of the Reply. */
  static boolean isIrdSufficient(int own, int peerOrd) {
    return peerOrd == MpaFrame.ULP_MANAGED || peerOrd <= own;
  }

  /** Indications that this end takes as Responder: it can take all, unless told otherwise. */
  static Set<RtrKind> supported(MpaOptions options) {
    return options.rtrKinds().isEmpty() ? Set.of(PREFERENCE) : options.rtrKinds();
  }

  /** The indication to use out of those that both ends know; NONE when there is none. */
  static RtrKind choose(Set<RtrKind> ours, Set<RtrKind> theirs) {
    for (RtrKind kind : PREFERENCE) {
      if (ours.contains(kind) && theirs.contains(kind)) {
        return kind;
      }
    }
    return RtrKind.NONE;
  }
}
