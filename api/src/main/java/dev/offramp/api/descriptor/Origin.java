package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/** Where the value of a descriptor's field comes from. Nothing in a descriptor is invented. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum Origin {
  /** Read from the owner that gave up the connection. */
  PRESENT,
  /** Computed from fields that were read, without loss of meaning. */
  DERIVED,
  /** The owner does not expose it. A new owner uses the default that it declares, or refuses. */
  ABSENT
}
