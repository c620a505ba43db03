package dev.offramp.tck.bench;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.spi.RnicEvents;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Keeps what a driver tells of its connections. */
public final class KitEvents implements RnicEvents {
  /** The end of a stream, as it was told. */
  public record Ended(RdmaConnection connection, StreamEnd end) {}

  private final Trace trace;
  private final List<Ended> ended = new ArrayList<>();
  private int registered;
  private int deregistered;

  KitEvents(Trace trace) {
    this.trace = trace;
  }

  @Override
  public synchronized void ended(RdmaConnection connection, StreamEnd end) {
    ended.add(new Ended(connection, end));
    trace.add(TraceEvent.Kind.EVENT, "ended", String.valueOf(end));
  }

  @Override
  public synchronized void registered(
      RdmaConnection connection, MemoryRegion region, Set<Access> access) {
    registered++;
  }

  @Override
  public synchronized void deregistered(RdmaConnection connection, MemoryRegion region) {
    deregistered++;
  }

  /** Ends of {@code connection} that were told. */
  @SuppressWarnings("ReferenceEquality") // drivers owe no equals
  public synchronized List<StreamEnd> endsOf(RdmaConnection connection) {
    return ended.stream().filter(told -> told.connection() == connection).map(Ended::end).toList();
  }

  /** All texts, for the lexicon. */
  public synchronized List<String> texts() {
    return ended.stream().map(told -> String.valueOf(told.end())).toList();
  }

  public synchronized int registered() {
    return registered;
  }

  public synchronized int deregistered() {
    return deregistered;
  }
}
