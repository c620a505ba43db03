package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.MovableRegion;
import dev.offramp.spi.RnicException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection's regions. What asks the adapter waits for its answer without the connection's lock;
 * the table itself is under it.
 */
final class Regions implements WorkPoster.Stags {
  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final Map<Integer, ChelsioRegion> byStag = new HashMap<>();

  /** Those that somebody closes, and that requests under way still need. */
  private final Set<ChelsioRegion> closing = new HashSet<>();

  /** None yet. */
  Regions(Adapter adapter, ChelsioConnection connection) {
    this.adapter = adapter;
    this.connection = connection;
  }

  /**
   * Adds one that the adapter has made for the application.
   *
   * @throws ConnectionMovedException when the connection has left meanwhile
   */
  MemoryRegion enlist(ChelsioRegion region, EnumSet<Access> access) {
    try {
      connection.gate().enter();
    } catch (ConnectionMovedException e) {
      region.release();
      revokeAnyway(region);
      throw e;
    }
    try {
      add(region);
      adapter.context().events().registered(connection, region, access);
      return region;
    } finally {
      connection.serial().exit();
    }
  }

  /** Revokes an STag, once no request of the send queue needs it any more. */
  void deregister(ChelsioRegion region) {
    if (!connection.gate().enterUnlessLeft()) {
      // The adapter was told when the connection left.
      region.release();
      return;
    }
    boolean interrupted;
    try {
      if (!byStag.remove(region.stag(), region)) {
        region.release();
        return;
      }
      region.invalidate();
      region.release();
      closing.add(region);
      interrupted = awaitUnused(region);
      closing.remove(region);
    } finally {
      connection.serial().exit();
    }
    try {
      region.revoke();
    } catch (RnicException e) {
      throw new UncheckedIOException(e);
    } finally {
      connection.serial().enter();
      try {
        adapter.context().events().deregistered(connection, region);
        connection.tellIfReleased();
      } finally {
        connection.serial().exit();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** True when interrupted meanwhile. */
  private boolean awaitUnused(ChelsioRegion region) {
    boolean interrupted = false;
    while (!connection.isDone(region.lastUse())) {
      try {
        connection.awaitNews(Long.MAX_VALUE, true);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  /** Closes all; one that the adapter keeps does not keep the others. */
  void closeAll() {
    for (ChelsioRegion region : all()) {
      try {
        region.close();
      } catch (UncheckedIOException e) {
        warn(e);
      }
    }
  }

  /**
   * Has the adapter forget those of a connection that has left. Their bytes stay: the application
   * has them, and closes its regions itself.
   */
  void leave() {
    List<ChelsioRegion> left = all();
    connection.serial().enter();
    try {
      left.addAll(closing);
      byStag.clear();
      closing.clear();
    } finally {
      connection.serial().exit();
    }
    for (ChelsioRegion region : left) {
      revokeAnyway(region);
      if (region.ownsBytes()) {
        adapter.giveBackAtEnd(region::release);
      }
    }
  }

  private void revokeAnyway(ChelsioRegion region) {
    try {
      region.revoke();
    } catch (RnicException e) {
      warn(e);
    }
  }

  private void warn(Exception e) {
    adapter.context().logger().log(System.Logger.Level.WARNING, e.getMessage(), e);
  }

  private List<ChelsioRegion> all() {
    connection.serial().enter();
    try {
      return new ArrayList<>(byStag.values());
    } finally {
      connection.serial().exit();
    }
  }

  // ---- under the lock

  void add(ChelsioRegion region) {
    byStag.put(region.stag(), region);
  }

  @Override
  public @Nullable ChelsioRegion find(int stag) {
    return byStag.get(stag);
  }

  /** An STag has been revoked. */
  void invalidated(int stag) {
    ChelsioRegion region = byStag.get(stag);
    if (region != null) {
      region.invalidate();
    }
  }

  boolean isEmpty() {
    return byStag.isEmpty() && closing.isEmpty();
  }

  /**
   * What the next owner has to know.
   *
   * @param named by work that travels: in it, as revoked ones, also where they were closed
   */
  List<RegisteredMemory> describe(List<LocalBuffer> named) {
    Map<Integer, RegisteredMemory> described = new LinkedHashMap<>();
    byStag.forEach((stag, region) -> described.put(stag, region.describe()));
    for (LocalBuffer buffer : named) {
      if (MovableRegion.atOwner(buffer.region()) instanceof ChelsioRegion region) {
        described.putIfAbsent(region.stag(), region.describe());
      }
    }
    return List.copyOf(described.values());
  }
}
