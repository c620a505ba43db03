package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/** How an iWARP stream ended; each way stays distinct. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public sealed interface StreamEnd {
  /** This end closed it in order. */
  record ClosedLocally() implements StreamEnd {}

  /** The peer sent a FIN between two FPDUs and no Terminate. */
  record ClosedByPeer() implements StreamEnd {}

  /** The peer sent a FIN in the middle of an FPDU. */
  record TruncatedByPeer() implements StreamEnd {}

  /** The peer sent a Terminate message. */
  record TerminatedByPeer(Terminate terminate) implements StreamEnd {}

  /** This end found an error and sent a Terminate message. */
  record TerminatedLocally(Terminate terminate, String reason) implements StreamEnd {}

  /** The TCP connection was reset. */
  record Reset() implements StreamEnd {}

  /** The peer stopped answering and TCP gave up. */
  record TimedOut() implements StreamEnd {}

  /**
   * It goes on in another process, with its memory's contents and all work that had not completed;
   * here nothing more completes.
   *
   * @param owner that process's name
   */
  record Migrated(String owner) implements StreamEnd {}

  /** The operating system or the device failed. */
  record Failed(String reason) implements StreamEnd {}
}
