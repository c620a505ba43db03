package dev.offramp.runtime.paths;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.NamespaceRunner;
import dev.offramp.linux.PathFacts.PathQuery;
import dev.offramp.linux.PathMonitor;
import dev.offramp.runtime.move.MovableConnection;
import dev.offramp.runtime.move.OpenRnic;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicException;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells RNICs that send frames themselves what the host decides anew for their connections. An RNIC
 * that uses none of those fields, as softiwarp, is told nothing: its kernel's stack sees to it. The
 * monitor is opened when the first connection needs it. Safe for many threads.
 */
public final class PathUpdates implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.offramp.paths");

  /** Where changes come from: {@link PathMonitor}. */
  interface Source extends AutoCloseable {
    PathMonitor.Following follow(PathQuery query, PathMonitor.Listener listener);

    @Override
    void close();
  }

  /** Makes one. */
  @FunctionalInterface
  interface Opening {
    Source open() throws IOException;
  }

  private final Opening opening;

  // Guarded by this.
  private final Map<MovableConnection, PathMonitor.Following> followed = new HashMap<>();
  private @Nullable Source source;
  private boolean closed;

  PathUpdates(Opening opening) {
    this.opening = opening;
  }

  /** For connections of the namespace of the thread that brings the first one. */
  public static PathUpdates ofThisNamespace() {
    return new PathUpdates(() -> {
      PathMonitor monitor = PathMonitor.open(NamespaceRunner.CURRENT);
      return new Source() {
        @Override
        public PathMonitor.Following follow(PathQuery query, PathMonitor.Listener listener) {
          return monitor.follow(query, listener);
        }

        @Override
        public void close() {
          monitor.close();
        }
      };
    });
  }

  /** What an RNIC takes on arrival, or later only. */
  private static Set<FieldKey<?>> used(OpenRnic owner) {
    Set<FieldKey<?>> used = new HashSet<>(owner.rnic().capabilities().consumes());
    used.addAll(owner.rnic().updates());
    return used;
  }

  /**
   * A connection runs at an RNIC: it is followed there, and no longer where it was.
   *
   * @param descriptor how it came there
   */
  public void arrived(MovableConnection connection, IwarpConnectionDescriptor descriptor) {
    forget(connection);
    OpenRnic owner = connection.owner();
    if (Collections.disjoint(used(owner), Set.copyOf(PathMonitor.fields()))) {
      return;
    }
    PathQuery query = new PathQuery(connection.localAddress(), connection.remoteAddress(), 0, 0, 0);
    FirstNews listener = new FirstNews(connection, owner, descriptor);
    PathMonitor.Following unwanted = null;
    synchronized (this) {
      Source from = closed ? null : source();
      if (from != null) {
        try {
          unwanted = followed.put(connection, from.follow(query, listener));
        } catch (IllegalStateException e) {
          LOG.log(System.Logger.Level.WARNING, "changes of the way will not reach the RNIC", e);
        }
      }
    }
    if (unwanted != null) {
      unwanted.close();
    }
  }

  /** Nobody needs a connection any more. Idempotent. */
  public void forget(MovableConnection connection) {
    PathMonitor.Following following;
    synchronized (this) {
      following = followed.remove(connection);
    }
    // Outside: it waits until the owner has heard what it is being told.
    if (following != null) {
      following.close();
    }
  }

  @Override
  public void close() {
    Source last;
    synchronized (this) {
      closed = true;
      followed.clear();
      last = source;
      source = null;
    }
    if (last != null) {
      last.close();
    }
  }

  /** Under this. */
  private @Nullable Source source() {
    if (source == null) {
      try {
        source = opening.open();
      } catch (IOException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "changes of route and neighbour will not reach the RNIC: rtnetlink cannot be read",
            e);
      }
    }
    return source;
  }

  /** Compares the first news with what the owner was told when the connection arrived. */
  private static final class FirstNews implements PathMonitor.Listener {
    private final MovableConnection connection;
    private final OpenRnic owner;
    private @Nullable IwarpConnectionDescriptor arrivedWith;

    FirstNews(MovableConnection connection, OpenRnic owner, IwarpConnectionDescriptor descriptor) {
      this.connection = connection;
      this.owner = owner;
      this.arrivedWith = descriptor;
    }

    @Override
    public void changed(IwarpConnectionDescriptor path, Set<FieldKey<?>> changed) {
      Set<FieldKey<?>> used = new HashSet<>(changed);
      used.retainAll(used(owner));
      IwarpConnectionDescriptor before = arrivedWith;
      arrivedWith = null;
      if (before != null) {
        used.removeIf(key -> same(before, path, key));
      }
      if (!used.isEmpty()) {
        tell(path, used);
      }
    }

    private void tell(IwarpConnectionDescriptor path, Set<FieldKey<?>> used) {
      Rnic rnic = owner.rnic();
      String reason = "";
      try {
        if (!rnic.updates().containsAll(used)) {
          reason =
              "the RNIC takes changes of "
                  + names(rnic.updates())
                  + " while a connection runs; move the connection to another RNIC and back";
        } else {
          connection.update(owner, path);
        }
      } catch (ConnectionMovedException e) {
        return;
      } catch (RnicException | RuntimeException e) {
        reason = String.valueOf(e.getMessage());
      }
      if (!reason.isEmpty()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}: {1} changed, and [{2}] does not know: {3}",
            connection,
            names(used),
            owner.name(),
            reason);
      }
      record(used, reason);
    }

    private void record(Set<FieldKey<?>> used, String reason) {
      PathUpdateEvent event = new PathUpdateEvent();
      if (event.isEnabled()) {
        event.local = String.valueOf(connection.localAddress());
        event.remote = String.valueOf(connection.remoteAddress());
        event.owner = owner.name();
        event.changed = names(used);
        event.taken = reason.isEmpty();
        event.reason = reason;
        event.commit();
      }
    }

    private static boolean same(
        IwarpConnectionDescriptor before, IwarpConnectionDescriptor now, FieldKey<?> key) {
      return before.isKnown(key) == now.isKnown(key)
          && (!now.isKnown(key) || before.value(key).equals(now.value(key)));
    }

    private static String names(Set<FieldKey<?>> keys) {
      return keys.stream()
          .map(FieldKey::name)
          .collect(Collectors.toCollection(TreeSet::new))
          .toString();
    }
  }
}
