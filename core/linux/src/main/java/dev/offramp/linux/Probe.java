package dev.offramp.linux;

import org.apiguardian.api.API;

/**
 * The answer to one question about the host.
 *
 * @param name what was asked: {@code TCP_REPAIR}
 * @param usable whether it can be used
 * @param cause why not; empty when usable
 * @param remedy what to do about it; empty when usable
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Probe(String name, boolean usable, String cause, String remedy) {
  static Probe usable(String name) {
    return new Probe(name, true, "", "");
  }

  static Probe missing(String name, String cause, String remedy) {
    return new Probe(name, false, cause, remedy);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return name + ": " + (usable ? "usable" : cause + "; " + remedy);
  }
}
