package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/** How far a connection has come on its way from a TCP stream to an iWARP stream. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum IwarpPhase {
  /** Plain TCP; no MPA frame has been exchanged. */
  STREAMING,
  /** MPA start-up is agreed, and no FPDU has been sent. A Responder's Reply may still be unsent. */
  STARTED,
  /** FPDUs flow. */
  RDMA
}
