package dev.offramp.runtime.events;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.spi.RnicEvents;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The events of one RNIC: recorded like all, and its failing is told to the runtime.
 *
 * @param onFailing is given the reason; returns at once
 */
public record WatchedEvents(Consumer<String> onFailing) implements RnicEvents {
  private static final RnicEvents RECORDED = RecordedEvents.INSTANCE;

  @Override
  public void failing(String reason) {
    RECORDED.failing(reason);
    onFailing.accept(reason);
  }

  @Override
  public void ended(RdmaConnection connection, StreamEnd end) {
    RECORDED.ended(connection, end);
  }

  @Override
  public void stalled(RdmaConnection connection, long nanos) {
    RECORDED.stalled(connection, nanos);
  }

  @Override
  public void registered(RdmaConnection connection, MemoryRegion region, Set<Access> access) {
    RECORDED.registered(connection, region, access);
  }

  @Override
  public void deregistered(RdmaConnection connection, MemoryRegion region) {
    RECORDED.deregistered(connection, region);
  }
}
