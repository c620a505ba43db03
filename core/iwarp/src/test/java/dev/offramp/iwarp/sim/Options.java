package dev.offramp.iwarp.sim;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.util.EnumSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * One schedule's random choices.
 *
 * @param network how bad the network is
 * @param scale size of the larger regions, bytes
 * @param initiator the Initiator's wishes
 * @param responder the Responder's wishes
 * @param replyData private data of the Reply
 * @param accept whether the Responder accepts
 * @param extensions whether RFC 7306 is offered
 * @param firstMsn of every queue; a connection that was moved may be about to wrap
 * @param plan what is to happen besides traffic
 * @param planByInitiator which end does it
 * @param planStep at which of the applications' steps
 * @param steps how many steps each application takes
 */
record Options(
    SimTcp.Network network,
    int scale,
    MpaOptions initiator,
    MpaOptions responder,
    Octets replyData,
    boolean accept,
    boolean extensions,
    int firstMsn,
    Plan plan,
    boolean planByInitiator,
    int planStep,
    int steps) {
  /** What happens besides traffic. */
  enum Plan {
    /** Nothing; when all is done, somebody closes. */
    NOTHING,
    /** One end sends a message with an error. */
    ERROR,
    /** One end's TCP is reset. */
    RESET,
    /** One end closes while there is work. */
    CLOSE,
    /** One end's application terminates the stream. */
    TERMINATE
  }

  private static final int MAX_DEPTH = 8;

  static Options of(RandomGenerator random) {
    int scale = 8 * (random.nextInt(20) == 0 ? 16_384 : 64 + random.nextInt(1_500));
    boolean bad = random.nextInt(3) == 0;
    SimTcp.Network network =
        new SimTcp.Network(
            bad ? random.nextInt(30) : 0,
            bad ? random.nextInt(20) : 0,
            1 + random.nextInt(random.nextBoolean() ? 2_000 : 2_000_000),
            random.nextInt(8) == 0 ? 1 + random.nextInt(40) : 100 + random.nextInt(3_000),
            200 + random.nextInt(2 * scale),
            200 + random.nextInt(2 * scale));
    int revision = random.nextInt(4) == 0 ? 1 : 2;
    boolean peerToPeer = revision == 2 && random.nextInt(3) != 0;
    int ird = random.nextInt(MAX_DEPTH);
    int ord = random.nextInt(MAX_DEPTH);
    // Revision 1 negotiates no depths: the applications have to agree (RFC 5044).
    int otherIrd = revision == 1 ? ord : random.nextInt(MAX_DEPTH);
    int otherOrd = revision == 1 ? ird : random.nextInt(MAX_DEPTH);
    MpaOptions initiator =
        wishes(random, MpaRole.INITIATOR, revision, ird, ord)
            .peerToPeer(peerToPeer ? kinds(random) : Set.of())
            .build();
    MpaOptions responder =
        wishes(random, MpaRole.RESPONDER, 2, otherIrd, otherOrd)
            .peerToPeer(random.nextInt(3) == 0 ? kinds(random) : Set.of())
            .build();
    int steps = 4 + random.nextInt(40);
    return new Options(
        network,
        scale,
        initiator,
        responder,
        octets(random, random.nextInt(4) == 0 ? 508 : random.nextInt(60)),
        random.nextInt(16) != 0,
        random.nextBoolean(),
        random.nextInt(8) == 0 ? -random.nextInt(5) : 1,
        plan(random),
        random.nextBoolean(),
        random.nextInt(2 * steps),
        steps);
  }

  private static Plan plan(RandomGenerator random) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> Plan.NOTHING;
      case 4, 5, 6 -> Plan.ERROR;
      case 7 -> Plan.RESET;
      case 8 -> Plan.CLOSE;
      default -> Plan.TERMINATE;
    };
  }

  private static MpaOptions.Builder wishes(
      RandomGenerator random, MpaRole role, int revision, int ird, int ord) {
    return (role == MpaRole.INITIATOR ? Mpa.initiator() : Mpa.responder())
        .revision(revision)
        .crc(random.nextInt(3) != 0)
        .receiveMarkers(random.nextInt(3) == 0)
        .readDepths(ird, ord)
        .privateData(octets(random, random.nextInt(4) == 0 ? 508 : random.nextInt(60)))
        .lastStreamingMessage(octets(random, random.nextInt(3) == 0 ? random.nextInt(80) : 0));
  }

  private static Set<RtrKind> kinds(RandomGenerator random) {
    EnumSet<RtrKind> kinds = EnumSet.noneOf(RtrKind.class);
    while (kinds.isEmpty()) {
      for (RtrKind kind : EnumSet.of(RtrKind.SEND, RtrKind.WRITE, RtrKind.READ)) {
        if (random.nextBoolean()) {
          kinds.add(kind);
        }
      }
    }
    return kinds;
  }

  static Octets octets(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Octets.copyOf(bytes);
  }
}
