package dev.offramp.iwarp.mpa;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaFailure;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaRequest;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * MPA start-up of one end, Initiator or Responder (RFC 5044, section 7.1; RFC 6581).
 *
 * <p>An Initiator writes what {@link #pollTransmit} gives and feeds what comes to {@link #receive}
 * until {@link #state} is AGREED or FAILED. A Responder feeds {@link #receive} until DECIDING, then
 * calls {@link #decide}; the Reply is there as {@link #replyBytes} for an owner that moves the
 * connection with the Reply unsent, and through {@link #pollTransmit} for one that does not.
 *
 * <p>{@link #receive} leaves bytes after the peer's frame alone: they belong to the iWARP stream,
 * or after a rejection to the plain one. Times are nanoseconds of any monotonic clock. Not safe for
 * use by several threads.
 */
public final class MpaStartup {
  /** How far start-up is. */
  public enum State {
    /** Initiator: the Reply has not come yet. */
    AWAITING_REPLY,
    /** Responder: the Request has not come yet. */
    AWAITING_REQUEST,
    /** Responder: a well-formed Request is there; {@link MpaStartup#decide} is next. */
    DECIDING,
    /** Done; see {@link MpaStartup#result}, and {@link MpaStartup#terminate} first. */
    AGREED,
    /** Over; see {@link MpaStartup#failure}. */
    FAILED
  }

  /** What {@link #nextDeadlineNanos} returns when there is none. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  /** The largest depth that is a number (RFC 6581, section 9.1). */
  private static final int MAX_DEPTH = MpaFrame.ULP_MANAGED - 1;

  private final MpaOptions options;
  private final int maxIrd;
  private final long deadlineNanos;
  private final MpaFrameReader reader;

  private State state;
  private ByteBuffer transmit = ByteBuffer.allocate(0);
  private Octets replyBytes = Octets.empty();
  private @Nullable MpaResult result;
  private @Nullable MpaFailure failure;
  private @Nullable MpaTerminate terminate;
  private String message = "";

  /** Starts at an RNIC that can have any IRD. */
  public MpaStartup(MpaOptions options, long nowNanos) {
    this(options, MAX_DEPTH, nowNanos);
  }

  /**
   * Starts; the time allowed begins now.
   *
   * @param options what this end wants
   * @param maxIrd the largest IRD that the RNIC can have: a Responder's grows up to it with the
   *     Initiator's ORD
   * @param nowNanos the time
   */
  public MpaStartup(MpaOptions options, int maxIrd, long nowNanos) {
    this.options = options;
    this.maxIrd = maxIrd;
    this.deadlineNanos = nowNanos + options.timeout().toNanos();
    boolean initiator = options.role() == MpaRole.INITIATOR;
    this.reader = new MpaFrameReader(initiator);
    this.state = initiator ? State.AWAITING_REPLY : State.AWAITING_REQUEST;
    if (initiator) {
      transmit = after(options.lastStreamingMessage(), request(options));
    }
  }

  public State state() {
    return state;
  }

  /**
   * Bytes to write to TCP; empty when there are none. The same buffer comes back until it is
   * written, so a partial write just calls again.
   */
  public ByteBuffer pollTransmit() {
    return transmit;
  }

  /** Consumes the peer's frame out of {@code bytes}; returns how many bytes that were. */
  public int receive(ByteBuffer bytes) {
    if (state != State.AWAITING_REPLY && state != State.AWAITING_REQUEST) {
      return 0;
    }
    int before = bytes.position();
    switch (reader.receive(bytes)) {
      case NEED_MORE -> {}
      case COMPLETE -> complete();
      case OTHER_KIND ->
          fail(
              state == State.AWAITING_REPLY
                  ? MpaFailure.BOTH_INITIATORS
                  : MpaFailure.MALFORMED_FRAME,
              reader.problem());
      case MALFORMED -> fail(MpaFailure.MALFORMED_FRAME, reader.problem());
    }
    return bytes.position() - before;
  }

  /** The peer closed its direction. */
  public void peerClosed() {
    if (isWaiting()) {
      fail(MpaFailure.PEER_CLOSED, "the peer closed its direction before its frame was complete");
    }
  }

  /** The peer reset the connection. */
  public void connectionReset() {
    if (state != State.AGREED && state != State.FAILED) {
      fail(MpaFailure.RESET, "the peer reset the connection during start-up");
    }
  }

  /** When to call {@link #handleTimeout}. */
  public long nextDeadlineNanos() {
    return isWaiting() ? deadlineNanos : NO_DEADLINE;
  }

  /** Ends a start-up that has taken too long, however lively the peer is. */
  public void handleTimeout(long nowNanos) {
    if (isWaiting() && nowNanos - deadlineNanos >= 0) {
      fail(
          MpaFailure.TIMEOUT,
          "no complete MPA frame within " + options.timeout() + "; is the peer a Responder, too?");
    }
  }

  /** Whether the peer's frame is complete and well formed. */
  public boolean hasPeer() {
    return reader.verdict() == MpaFrameReader.Verdict.COMPLETE;
  }

  /** The peer's frame as it stood on the wire, once it is complete; also after a rejection. */
  public MpaRequest peer() {
    MpaFrame frame = reader.frame();
    return new MpaRequest(
        frame.revision(),
        frame.enhanced(),
        frame.crc(),
        frame.markers(),
        frame.ird(),
        frame.ord(),
        frame.peerToPeer(),
        frame.privateData());
  }

  /**
   * Answers the Request.
   *
   * @throws IllegalStateException unless DECIDING
   * @throws IllegalArgumentException when the private data does not fit: 512 bytes, 508 when the
   *     Request is enhanced
   */
  public void decide(MpaDecision decision) {
    if (state != State.DECIDING) {
      throw new IllegalStateException("decide in state " + state);
    }
    MpaFrame request = reader.frame();
    int room = MpaFrame.MAX_PD_LENGTH - (request.enhanced() ? MpaFrame.ENHANCED_BYTES : 0);
    if (decision.privateData().length() > room) {
      throw new IllegalArgumentException(
          "private data bytes: seen [" + decision.privateData().length() + "], at most " + room);
    }
    Set<RtrKind> supported = Negotiation.supported(options);
    RtrKind rtr = Negotiation.choose(supported, request.rtrKinds());
    int ird = options.ird();
    int ord = options.ord();
    if (request.enhanced()) {
      ird = Negotiation.responderIrd(ird, request.ord(), maxIrd);
      ord = Negotiation.ord(ord, request.ird());
    }
    MpaFrame reply = reply(request, decision, rtr, supported, ird, ord);
    replyBytes = Octets.copyOf(after(decision.lastStreamingMessage(), reply));
    transmit = replyBytes.asByteBuffer();
    if (decision.accepted()) {
      agree(request, ird, ord, rtr);
    } else {
      fail(MpaFailure.REJECTED_LOCALLY, "this end's policy rejected the Request");
    }
  }

  /** The last streaming message and the Reply; empty before {@link #decide}. */
  public Octets replyBytes() {
    return replyBytes;
  }

  /**
   * What was agreed.
   *
   * @throws IllegalStateException unless AGREED
   */
  public MpaResult result() {
    MpaResult agreed = result;
    if (agreed == null) {
      throw new IllegalStateException("start-up is " + state + ", not AGREED");
    }
    return agreed;
  }

  /** Why it failed, when FAILED. */
  public Optional<MpaFailure> failure() {
    return Optional.ofNullable(failure);
  }

  /** What was seen and expected, when FAILED or when {@link #terminate} is present. */
  public String message() {
    return message;
  }

  /**
   * The error that the owner has to tell the peer, as first and last message of the iWARP stream,
   * although the frames agreed ({@code RdmapStream.terminate}).
   */
  public Optional<MpaTerminate> terminate() {
    return Optional.ofNullable(terminate);
  }

  private boolean isWaiting() {
    return state == State.AWAITING_REPLY || state == State.AWAITING_REQUEST;
  }

  private void complete() {
    if (state == State.AWAITING_REQUEST) {
      state = State.DECIDING;
      return;
    }
    MpaFrame reply = reader.frame();
    boolean enhanced = options.revision() == MpaFrame.ENHANCED_REVISION;
    if (reply.rejected()) {
      fail(MpaFailure.REJECTED_BY_PEER, "the Reply has the R flag");
    } else if (reply.revision() != options.revision()) {
      notInKind("revision", reply.revision(), options.revision());
    } else if (reply.enhanced() != enhanced) {
      notInKind("S flag", reply.enhanced(), enhanced);
    } else {
      agreeAsInitiator(reply);
    }
  }

  private void agreeAsInitiator(MpaFrame reply) {
    int ord = options.ord();
    RtrKind rtr = RtrKind.NONE;
    if (reply.enhanced()) {
      ord = Negotiation.ord(options.ord(), reply.ird());
      rtr = Negotiation.choose(options.rtrKinds(), reply.rtrKinds());
      if (!Negotiation.isIrdSufficient(options.ird(), reply.ord())) {
        terminate = MpaTerminate.INSUFFICIENT_IRD;
        message = "the Responder's ORD [" + reply.ord() + "] is above the IRD " + options.ird();
      } else if (!options.rtrKinds().isEmpty() && rtr == RtrKind.NONE) {
        terminate = MpaTerminate.NO_MATCHING_RTR;
        message =
            "the Responder takes " + reply.rtrKinds() + ", this end has " + options.rtrKinds();
      }
    }
    agree(reply, options.ird(), ord, rtr);
  }

  private void agree(MpaFrame peer, int ird, int ord, RtrKind rtr) {
    result =
        new MpaResult(
            options.role(),
            peer.revision(),
            options.crc() || peer.crc(),
            peer.markers(),
            options.receiveMarkers(),
            ird,
            ord,
            peer.ird(),
            peer.ord(),
            rtr,
            peer.privateData());
    state = State.AGREED;
  }

  private MpaFrame reply(
      MpaFrame request,
      MpaDecision decision,
      RtrKind rtr,
      Set<RtrKind> supported,
      int ird,
      int ord) {
    Set<RtrKind> named = Set.of();
    if (request.peerToPeer()) {
      // Without a match the Initiator has to learn what would have been one (RFC 6581, 9.2).
      named = rtr == RtrKind.NONE ? supported : Set.of(rtr);
    }
    return new MpaFrame(
        true,
        options.receiveMarkers(),
        options.crc() || request.crc(),
        !decision.accepted(),
        request.enhanced(),
        request.revision(),
        request.enhanced() ? Negotiation.replied(options.ird(), ird, request.ord()) : -1,
        request.enhanced() ? Negotiation.replied(options.ord(), ord, request.ird()) : -1,
        request.peerToPeer(),
        named,
        decision.privateData());
  }

  private static MpaFrame request(MpaOptions options) {
    boolean enhanced = options.revision() == MpaFrame.ENHANCED_REVISION;
    return new MpaFrame(
        false,
        options.receiveMarkers(),
        options.crc(),
        false,
        enhanced,
        options.revision(),
        enhanced ? options.ird() : -1,
        enhanced ? options.ord() : -1,
        !options.rtrKinds().isEmpty(),
        options.rtrKinds(),
        options.privateData());
  }

  private static ByteBuffer after(Octets streamingMessage, MpaFrame frame) {
    ByteBuffer bytes = ByteBuffer.allocate(streamingMessage.length() + frame.encodedBytes());
    return bytes.put(streamingMessage.asByteBuffer()).put(frame.encode()).flip();
  }

  /**
   * The peer takes the stream for an iWARP stream of another kind than this end: nobody can go on,
   * neither here nor in plain TCP (RFC 5044, section 7.1.1, Rev; RFC 6581, section 10).
   */
  private void notInKind(String what, Object seen, Object expected) {
    fail(
        MpaFailure.MALFORMED_FRAME,
        "the Reply's " + what + ": seen [" + seen + "], expected " + expected);
  }

  private void fail(MpaFailure how, String why) {
    failure = how;
    message = why;
    state = State.FAILED;
  }
}
