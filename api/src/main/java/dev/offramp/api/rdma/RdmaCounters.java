package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * What a connection, or all of an RNIC's, did so far: a snapshot that does not change any more. All
 * counts begin at zero and never fall.
 *
 * @param sent what was handed to TCP, or is about to be
 * @param received what was received and valid
 * @param crcErrors FPDUs with a wrong CRC; at most one for each connection, for it ends the stream
 * @param terminatesSent Terminates of this end's own
 * @param terminatesReceived Terminates of the peer's
 * @param completionStalls how often work was refused because the completions in its queue had not
 *     been polled
 * @param readCalls reads of the TCP stream; system calls where TCP is the host's
 * @param writeCalls writes to the TCP stream, likewise
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record RdmaCounters(
    TrafficCounters sent,
    TrafficCounters received,
    long crcErrors,
    long terminatesSent,
    long terminatesReceived,
    long completionStalls,
    long readCalls,
    long writeCalls) {
  /** Nothing. */
  public static final RdmaCounters ZERO =
      new RdmaCounters(TrafficCounters.ZERO, TrafficCounters.ZERO, 0, 0, 0, 0, 0, 0);

  /** The sum of both. */
  public RdmaCounters plus(RdmaCounters other) {
    return new RdmaCounters(
        sent.plus(other.sent),
        received.plus(other.received),
        crcErrors + other.crcErrors,
        terminatesSent + other.terminatesSent,
        terminatesReceived + other.terminatesReceived,
        completionStalls + other.completionStalls,
        readCalls + other.readCalls,
        writeCalls + other.writeCalls);
  }
}
