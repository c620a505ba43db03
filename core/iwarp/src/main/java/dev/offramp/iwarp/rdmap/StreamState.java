package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.PartialMessage;
import dev.offramp.api.descriptor.PeerRequest;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.descriptor.StartedWork;
import dev.offramp.api.rdma.Completion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where an iWARP stream stands between two FPDUs of the peer's, in the middle of its work: all that
 * another engine needs to go on. Immutable. The bytes of an FPDU that is not complete travel with
 * those that TCP has received and nobody has read, so there is no position inside an FPDU.
 *
 * @param position MSNs, and the octets of both directions
 * @param peerHeard whether the peer has sent an FPDU
 * @param readyToReceiveSent whether an Initiator has sent its indication, or has none to send
 * @param readyToReceiveAwaited whether that was a Read whose Response is still to come
 * @param started work begun, oldest first
 * @param posted work not begun
 * @param receives Receives, the one that holds a partial message first
 * @param peerRequests the peer's requests to answer, oldest first
 * @param partialMessage a message on queue 0 of which some has come
 * @param completions not polled yet, oldest first
 * @param regions what the work above names
 * @param unwritten octets of FPDUs that are made and that TCP has not taken; within the position
 * @param unconsumed octets that TCP has delivered and no FPDU was made of; beyond the position
 */
public record StreamState(
    StreamPosition position,
    boolean peerHeard,
    boolean readyToReceiveSent,
    boolean readyToReceiveAwaited,
    List<StartedWork> started,
    List<PostedWork> posted,
    List<PostedWork> receives,
    List<PeerRequest> peerRequests,
    Optional<PartialMessage> partialMessage,
    List<Completion> completions,
    List<RegisteredMemory> regions,
    Octets unwritten,
    Octets unconsumed) {
  private static final String SOURCE = "the RDMAP engine";
  private static final long UINT32 = 0xFFFF_FFFFL;

  public StreamState {
    started = List.copyOf(started);
    posted = List.copyOf(posted);
    receives = List.copyOf(receives);
    peerRequests = List.copyOf(peerRequests);
    completions = List.copyOf(completions);
    regions = List.copyOf(regions);
  }

  /**
   * Whether no FPDU was sent or received, so that the stream can be described as one that has just
   * been started.
   */
  public boolean isUntouched() {
    return position.sentOctets() == 0 && position.receivedOctets() == 0 && !peerHeard;
  }

  /** Puts all of it into a descriptor, except regions and octets, to which others add. */
  public void describe(IwarpConnectionDescriptor.Builder to) {
    to.present(
            DescriptorFields.IWARP_PHASE,
            isUntouched() ? IwarpPhase.STARTED : IwarpPhase.RDMA,
            SOURCE)
        .present(DescriptorFields.SEND_MSN, position.sendMsn() & UINT32, SOURCE)
        .present(DescriptorFields.READ_REQUEST_MSN, position.requestMsn() & UINT32, SOURCE)
        .present(
            DescriptorFields.ATOMIC_RESPONSE_MSN, position.atomicResponseMsn() & UINT32, SOURCE)
        .present(DescriptorFields.RECEIVE_MSN, position.receiveMsn() & UINT32, SOURCE)
        .put(DescriptorFields.READ_RESPONSE_MSN, peerRequestMsn(position, SOURCE))
        .present(
            DescriptorFields.PEER_ATOMIC_RESPONSE_MSN,
            position.peerAtomicResponseMsn() & UINT32,
            SOURCE)
        .present(DescriptorFields.SENT_OCTETS, position.sentOctets(), SOURCE)
        .present(DescriptorFields.RECEIVED_OCTETS, position.receivedOctets(), SOURCE)
        .present(DescriptorFields.PEER_HEARD, peerHeard, SOURCE)
        .present(DescriptorFields.READY_TO_RECEIVE_SENT, readyToReceiveSent, SOURCE)
        .present(DescriptorFields.READY_TO_RECEIVE_AWAITED, readyToReceiveAwaited, SOURCE)
        .present(DescriptorFields.STARTED_WORK, started, SOURCE)
        .present(DescriptorFields.POSTED_WORK, posted, SOURCE)
        .present(DescriptorFields.POSTED_RECEIVES, receives, SOURCE)
        .present(DescriptorFields.PEER_REQUESTS, peerRequests, SOURCE)
        .put(
            DescriptorFields.PARTIAL_MESSAGE,
            partialMessage
                .map(partial -> Field.present(partial, SOURCE))
                .orElseGet(() -> Field.absent("between two messages")))
        .present(DescriptorFields.COMPLETIONS, completions, SOURCE);
  }

  /**
   * What a descriptor says; a stream that has just been started where it says nothing.
   *
   * <p>Work that has not begun is not in it, nor are completions, regions and octets: these are for
   * whoever carries the connection, for the owner's table, and for TCP.
   */
  public static StreamState of(IwarpConnectionDescriptor d) {
    boolean heard = d.get(DescriptorFields.PEER_HEARD).orElse(false);
    boolean ready = d.get(DescriptorFields.READY_TO_RECEIVE_SENT).orElse(false);
    StreamPosition position =
        new StreamPosition(
            msn(d, DescriptorFields.SEND_MSN),
            msn(d, DescriptorFields.READ_REQUEST_MSN),
            msn(d, DescriptorFields.ATOMIC_RESPONSE_MSN),
            msn(d, DescriptorFields.RECEIVE_MSN),
            peerRequestMsn(d),
            msn(d, DescriptorFields.PEER_ATOMIC_RESPONSE_MSN),
            d.get(DescriptorFields.SENT_OCTETS).orElse(0L),
            d.get(DescriptorFields.RECEIVED_OCTETS).orElse(0L),
            heard && ready);
    return new StreamState(
        position,
        heard,
        ready,
        d.get(DescriptorFields.READY_TO_RECEIVE_AWAITED).orElse(false),
        d.get(DescriptorFields.STARTED_WORK).orElse(List.of()),
        List.of(),
        d.isKnown(DescriptorFields.PARTIAL_MESSAGE)
            ? d.value(DescriptorFields.POSTED_RECEIVES).subList(0, 1)
            : List.of(),
        d.get(DescriptorFields.PEER_REQUESTS).orElse(List.of()),
        d.isKnown(DescriptorFields.PARTIAL_MESSAGE)
            ? Optional.of(d.value(DescriptorFields.PARTIAL_MESSAGE))
            : Optional.empty(),
        List.of(),
        List.of(),
        Octets.empty(),
        Octets.empty());
  }

  /** The number of the peer's next request; absent where no owner has known it so far. */
  static Field<Long> peerRequestMsn(StreamPosition position, String source) {
    OptionalInt msn = position.peerRequestMsn();
    return msn.isPresent()
        ? Field.present(msn.getAsInt() & UINT32, source)
        : Field.absent("the former owner could not tell it, and no request has come since");
  }

  private static OptionalInt peerRequestMsn(IwarpConnectionDescriptor d) {
    return d.isKnown(DescriptorFields.READ_RESPONSE_MSN)
            || d.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STARTED) != IwarpPhase.RDMA
        ? OptionalInt.of(msn(d, DescriptorFields.READ_RESPONSE_MSN))
        : OptionalInt.empty();
  }

  private static int msn(IwarpConnectionDescriptor d, FieldKey<Long> key) {
    return d.get(key).orElse(1L).intValue();
  }
}
