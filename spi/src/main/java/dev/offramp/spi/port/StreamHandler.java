package dev.offramp.spi.port;

import org.apiguardian.api.API;

/** Told when a stream can go on. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface StreamHandler {
  /** Called on the loop's thread; must not block, and must not throw. */
  void ready(boolean readable, boolean writable);
}
