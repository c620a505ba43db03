package dev.offramp.iwarp.rdmap;

import java.util.OptionalInt;

/**
 * Where an iWARP stream stands between two messages: what a new owner of the connection has to
 * know. MSNs are 32 bits and wrap (RFC 5041, section 4.3); a queue's first message has MSN 1.
 *
 * @param sendMsn next MSN sent on queue 0
 * @param requestMsn next MSN sent on queue 1
 * @param atomicResponseMsn next MSN sent on queue 3
 * @param receiveMsn next MSN expected on queue 0
 * @param peerRequestMsn next MSN expected on queue 1; empty where the former owner could not tell:
 *     TCP loses nothing and keeps the order, so the first one that comes is it
 * @param peerAtomicResponseMsn next MSN expected on queue 3
 * @param sentOctets octets sent since the first FPDU, markers included
 * @param receivedOctets octets received since the first FPDU, markers included
 * @param opened whether the first FPDUs are over: an Initiator's RTR is sent, a Responder has heard
 *     its peer
 */
public record StreamPosition(
    int sendMsn,
    int requestMsn,
    int atomicResponseMsn,
    int receiveMsn,
    OptionalInt peerRequestMsn,
    int peerAtomicResponseMsn,
    long sentOctets,
    long receivedOctets,
    boolean opened) {
  /** A stream that has just entered Full Operation. */
  public static final StreamPosition START =
      new StreamPosition(1, 1, 1, 1, OptionalInt.of(1), 1, 0, 0, false);
}
