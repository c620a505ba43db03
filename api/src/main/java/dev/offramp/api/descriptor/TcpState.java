package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/** TCP's states by the names of RFC 9293, section 3.3.2. Only synchronized ones can be moved. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum TcpState {
  CLOSED,
  LISTEN,
  SYN_SENT,
  SYN_RECEIVED,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  CLOSE_WAIT,
  CLOSING,
  LAST_ACK,
  TIME_WAIT
}
