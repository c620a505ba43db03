package dev.offramp.runtime.events;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.spi.RnicEvents;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns a driver's events into those of Flight Recorder, and ends of streams into lines of the log.
 * Costs a branch while nobody records.
 */
public final class RecordedEvents implements RnicEvents {
  /** For all drivers. */
  public static final RnicEvents INSTANCE = new RecordedEvents();

  private static final System.Logger LOG = System.getLogger("dev.offramp.connection");

  private RecordedEvents() {}

  @Override
  public void ended(RdmaConnection connection, StreamEnd end) {
    switch (end) {
      case StreamEnd.TerminatedLocally local ->
          terminate(connection, true, local.terminate(), local.reason());
      case StreamEnd.TerminatedByPeer byPeer ->
          terminate(connection, false, byPeer.terminate(), "");
      default -> log(System.Logger.Level.DEBUG, connection, "ended: " + end);
    }
    ConnectionEndEvent event = new ConnectionEndEvent();
    if (event.isEnabled()) {
      RdmaCounters counters = connection.counters();
      event.local = String.valueOf(connection.localAddress());
      event.remote = String.valueOf(connection.remoteAddress());
      event.how = end.getClass().getSimpleName();
      event.sentBytes = counters.sent().streamBytes();
      event.receivedBytes = counters.received().streamBytes();
      event.sentFpdus = counters.sent().fpdus();
      event.receivedFpdus = counters.received().fpdus();
      event.completionStalls = counters.completionStalls();
      event.commit();
    }
  }

  /** A Terminate means that one end made a mistake: worth a line in an ordinary log. */
  private static void terminate(
      RdmaConnection connection, boolean sent, Terminate terminate, String reason) {
    String text = terminate + (reason.isEmpty() ? "" : ": " + reason);
    log(
        System.Logger.Level.INFO,
        connection,
        (sent ? "Terminate sent: " : "Terminate received: ") + text);
    TerminateEvent event = new TerminateEvent();
    if (event.isEnabled()) {
      event.local = String.valueOf(connection.localAddress());
      event.remote = String.valueOf(connection.remoteAddress());
      event.sent = sent;
      event.layer = terminate.layer();
      event.errorType = terminate.type();
      event.errorCode = terminate.code();
      event.reason = text;
      event.commit();
    }
  }

  @Override
  public void stalled(RdmaConnection connection, long nanos) {
    CompletionStallEvent event = new CompletionStallEvent();
    if (event.isEnabled()) {
      event.local = String.valueOf(connection.localAddress());
      event.remote = String.valueOf(connection.remoteAddress());
      event.stalledNanos = nanos;
      event.commit();
    }
  }

  @Override
  public void registered(RdmaConnection connection, MemoryRegion region, Set<Access> access) {
    RegionEvent event = new RegionEvent();
    if (event.isEnabled()) {
      commit(event, connection, region, true, new TreeSet<>(access).toString());
    }
  }

  @Override
  public void deregistered(RdmaConnection connection, MemoryRegion region) {
    RegionEvent event = new RegionEvent();
    if (event.isEnabled()) {
      commit(event, connection, region, false, "");
    }
  }

  private static void commit(
      RegionEvent event,
      RdmaConnection connection,
      MemoryRegion region,
      boolean registered,
      String access) {
    event.local = String.valueOf(connection.localAddress());
    event.remote = String.valueOf(connection.remoteAddress());
    event.registered = registered;
    event.stag = region.stag();
    event.sizeBytes = region.sizeBytes();
    event.access = access;
    event.commit();
  }

  private static void log(System.Logger.Level level, RdmaConnection connection, String what) {
    if (LOG.isLoggable(level)) {
      LOG.log(
          level,
          "connection {0} -> {1}: {2}",
          String.valueOf(connection.localAddress()),
          String.valueOf(connection.remoteAddress()),
          what);
    }
  }
}
