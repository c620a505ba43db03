package dev.offramp.spi.port;

import org.apiguardian.api.API;

/** The runtime's few threads, shared by all connections. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface EventLoops {
  /** The loop for a new connection; takes turns. */
  EventLoop next();
}
