package dev.offramp.runtime.mpa;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaRequest;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.mpa.MpaFrame;
import java.util.Set;

/**
 * What start-up agreed, on its way into the descriptor.
 *
 * @param options what this end wanted
 * @param result what was agreed
 * @param peer the peer's frame
 * @param localPrivateData what this end's frame carried
 * @param reply a Responder's Reply with its last streaming message, not sent yet; empty for an
 *     Initiator
 */
public record MpaAgreement(
    MpaOptions options, MpaResult result, MpaRequest peer, Octets localPrivateData, Octets reply) {
  private static final String SOURCE = "MPA start-up";

  /**
   * Adds the iWARP fields, and the Reply to the bytes to be sent: no FPDU can come before the Reply
   * is out, so none can ever reach the stack that is being left.
   */
  public IwarpConnectionDescriptor addTo(IwarpConnectionDescriptor d) {
    IwarpConnectionDescriptor.Builder b =
        d.toBuilder()
            .present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, SOURCE)
            .present(DescriptorFields.MPA_ROLE, result.role(), SOURCE)
            .present(DescriptorFields.MPA_REVISION, result.revision(), SOURCE)
            .present(DescriptorFields.MPA_CRC, result.crc(), SOURCE)
            .present(DescriptorFields.MPA_SEND_MARKERS, result.sendMarkers(), SOURCE)
            .present(DescriptorFields.MPA_RECEIVE_MARKERS, result.receiveMarkers(), SOURCE)
            .present(DescriptorFields.LOCAL_PRIVATE_DATA, localPrivateData, SOURCE)
            .present(DescriptorFields.REMOTE_PRIVATE_DATA, result.privateData(), SOURCE)
            .present(DescriptorFields.IRD, result.ird(), SOURCE)
            .present(DescriptorFields.ORD, result.ord(), SOURCE)
            .present(DescriptorFields.RTR, result.rtr(), SOURCE)
            .present(DescriptorFields.PEER_IRD, Math.max(0, result.peerIrd()), SOURCE)
            .present(DescriptorFields.PEER_ORD, Math.max(0, result.peerOrd()), SOURCE);
    if (result.peerIrd() < 0) {
      String reason = "revision 1 has no IRD and ORD";
      b.absent(DescriptorFields.PEER_IRD, reason).absent(DescriptorFields.PEER_ORD, reason);
    }
    if (!reply.isEmpty()) {
      Octets unsent = d.get(DescriptorFields.UNSENT).orElse(Octets.empty()).concat(reply);
      b.derived(DescriptorFields.UNSENT, unsent, "unsent bytes, then the MPA Reply");
    }
    addStarts(b, d);
    return b.build();
  }

  /** The first FPDU begins right after the last byte of start-up, in each direction. */
  private void addStarts(IwarpConnectionDescriptor.Builder b, IwarpConnectionDescriptor d) {
    Field<Long> sndMax = d.get(DescriptorFields.SND_MAX);
    int unsentBytes = d.get(DescriptorFields.UNSENT).orElse(Octets.empty()).length();
    b.put(
        DescriptorFields.MPA_SEND_START,
        sndMax.isKnown()
            ? Field.derived(
                sequence(sndMax.value() + unsentBytes + reply.length()),
                "sndMax + unsent bytes + MPA Reply")
            : Field.absent("TCP stays where it is"));
    Field<Long> rcvNxt = d.get(DescriptorFields.RCV_NXT);
    int unreadBytes = d.get(DescriptorFields.UNREAD).orElse(Octets.empty()).length();
    b.put(
        DescriptorFields.MPA_RECEIVE_START,
        rcvNxt.isKnown()
            ? Field.derived(sequence(rcvNxt.value() - unreadBytes), "rcvNxt - unread bytes")
            : Field.absent("TCP stays where it is"));
  }

  /** The Reply that takes everything back when the move fails after all; empty for an Initiator. */
  public Octets rejection() {
    if (options.role() == MpaRole.INITIATOR) {
      return Octets.empty();
    }
    MpaFrame frame =
        new MpaFrame(
            true,
            options.receiveMarkers(),
            result.crc(),
            true,
            peer.enhanced(),
            peer.revision(),
            peer.enhanced() ? options.ird() : -1,
            peer.enhanced() ? options.ord() : -1,
            false,
            Set.of(),
            Octets.empty());
    return Octets.copyOf(frame.encode());
  }

  private static long sequence(long number) {
    return number & 0xFFFF_FFFFL;
  }
}
