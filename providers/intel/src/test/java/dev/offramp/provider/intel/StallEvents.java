package dev.offramp.provider.intel;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.spi.RnicEvents;
import java.util.List;

/** Writes down how long work could not be posted. */
record StallEvents(List<Long> nanos) implements RnicEvents {
  @Override
  public void stalled(RdmaConnection connection, long durationNanos) {
    nanos.add(durationNanos);
  }
}
