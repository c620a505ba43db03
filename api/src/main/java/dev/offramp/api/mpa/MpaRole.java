package dev.offramp.api.mpa;

import org.apiguardian.api.API;

/** The role in MPA start-up (RFC 5044, section 7.1). Free of who opened the TCP connection. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum MpaRole {
  /** Sends the MPA Request, and the first FPDU. */
  INITIATOR,
  /** Answers with the MPA Reply, and stays silent until an FPDU has come. */
  RESPONDER
}
