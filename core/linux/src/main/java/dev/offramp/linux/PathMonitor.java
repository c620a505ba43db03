package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.PathFacts.PathQuery;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.netlink.ChangeFeed;
import dev.offramp.linux.netlink.EgressPath;
import dev.offramp.linux.netlink.Neighbours;
import dev.offramp.linux.netlink.NetlinkPathFacts;
import dev.offramp.linux.netlink.NetlinkSocket;
import dev.offramp.linux.netlink.PathChanges;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Follows the way of connections to their peers while they run: route, next hop and its MAC
 * address, interface, VLAN tag, MTU. For owners that send frames themselves, and so need to hear of
 * what the host decides.
 *
 * <p>One rtnetlink subscription and one thread for a namespace, whatever is followed. A neighbour's
 * change has the connections looked up again that go there, any other change has all; news that is
 * lost (ENOBUFS) counts as a change of everything. So what is told is what the kernel says when it
 * is told, and never older news. Where the next hop's MAC address is not known the kernel is asked
 * to find it, which needs CAP_NET_ADMIN; until it has, nothing is told. A path MTU that the kernel
 * has learned from ICMP is not announced: it is seen with the next change.
 *
 * <p>Safe for many threads. Must be closed: it keeps the namespace alive.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class PathMonitor implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PathMonitor.class.getName());

  private static final List<FieldKey<?>> TOLD =
      List.of(
          DescriptorFields.EGRESS_INTERFACE,
          DescriptorFields.EGRESS_INTERFACE_INDEX,
          DescriptorFields.SOURCE_MAC,
          DescriptorFields.NEXT_HOP,
          DescriptorFields.NEXT_HOP_MAC,
          DescriptorFields.VLAN_TAG,
          DescriptorFields.PATH_MTU_BYTES);

  private final ChangeFeed feed;
  private final NetlinkSocket questions;
  private final Thread reader;

  // Guarded by this.
  private final Set<Followed> followed = new LinkedHashSet<>();
  private final Map<PathChanges.Hop, Set<Followed>> byHop = new HashMap<>();

  private volatile boolean closed;

  /** Hears of a connection's way. */
  @FunctionalInterface
  public interface Listener {
    /**
     * The way is another than last told, or told for the first time. On the monitor's thread, which
     * tells nobody else meanwhile; not after {@link Following#close} has returned to another
     * thread, and never twice at once.
     *
     * @param path both ends, and what is known of {@link PathMonitor#fields}; the next hop's MAC
     *     address always is
     * @param changed those that differ from what was told last; all at first
     */
    void changed(IwarpConnectionDescriptor path, Set<FieldKey<?>> changed);
  }

  /** A connection's being followed. */
  @FunctionalInterface
  public interface Following extends AutoCloseable {
    /** Ends it. Idempotent. */
    @Override
    void close();
  }

  private PathMonitor(ChangeFeed feed, NetlinkSocket questions) {
    this.feed = feed;
    this.questions = questions;
    this.reader = Thread.ofPlatform().name("offramp-paths").daemon(true).unstarted(this::read);
  }

  /** The fields that are told. */
  public static List<FieldKey<?>> fields() {
    return TOLD;
  }

  /**
   * Begins in a namespace.
   *
   * @param where runs on a thread inside it
   * @throws IOException when the kernel cannot be asked
   */
  public static PathMonitor open(NamespaceRunner where) throws IOException {
    LibC libc = NativeAccess.libc();
    try {
      PathMonitor monitor = where.call(() -> openHere(libc));
      monitor.reader.start();
      return monitor;
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the namespace cannot be entered: " + e, e);
    }
  }

  private static PathMonitor openHere(LibC libc) throws IOException {
    // The subscription first: nothing that changes after a first look is missed.
    ChangeFeed feed = ChangeFeed.open(libc);
    try {
      return new PathMonitor(feed, NetlinkSocket.open(libc));
    } catch (IOException | RuntimeException e) {
      feed.close();
      throw e;
    }
  }

  /**
   * Follows a connection until that is closed. Its way is told first as it is now.
   *
   * @param query which way; its namespace is this monitor's
   * @param listener must not throw
   * @throws IllegalStateException when this is closed
   */
  public Following follow(PathQuery query, Listener listener) {
    Followed one = new Followed(query, listener);
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the path monitor is closed");
      }
      followed.add(one);
      wake();
    }
    return () -> forget(one);
  }

  /** Tells nobody anything any more. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      followed.clear();
      byHop.clear();
      wake();
    }
    if (Thread.currentThread().equals(reader)) {
      return;
    }
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Under this, as the reader closes the feed. */
  private void wake() {
    try {
      feed.wake();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "paths are looked at with the next change only", e);
    }
  }

  private void forget(Followed one) {
    synchronized (this) {
      followed.remove(one);
      index(one, null);
    }
    one.end();
  }

  private void read() {
    try {
      while (!closed) {
        look(feed.await());
      }
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "changes of routes and neighbours are not heard of", e);
    } finally {
      // Nobody may write to a descriptor that is another's by now.
      synchronized (this) {
        closed = true;
        feed.close();
        questions.close();
      }
    }
  }

  private void look(PathChanges changes) {
    for (Followed one : concerned(changes)) {
      if (!closed) {
        EgressPath path =
            EgressPath.describe(
                questions,
                one.query.local(),
                one.query.remote(),
                new EgressPath.Hints(one.query.mark(), 0, 0, one.query.boundInterfaceIndex()));
        PathChanges.Hop hop = hop(path);
        synchronized (this) {
          if (followed.contains(one)) {
            index(one, hop);
          }
        }
        if (hop != null && !path.nextHopMac().isKnown()) {
          resolve(hop);
        }
        try {
          one.tell(path);
        } catch (RuntimeException e) {
          LOG.log(System.Logger.Level.ERROR, "one that follows a connection has failed", e);
        }
      }
    }
  }

  private synchronized Set<Followed> concerned(PathChanges changes) {
    Set<Followed> some = new HashSet<>();
    for (Followed one : followed) {
      if (changes.all() || one.isNew()) {
        some.add(one);
      }
    }
    if (!changes.all()) {
      for (PathChanges.Hop hop : changes.neighbours()) {
        some.addAll(byHop.getOrDefault(hop, Set.of()));
      }
    }
    return some;
  }

  private void resolve(PathChanges.Hop hop) {
    try {
      new Neighbours(questions).resolve(hop.interfaceIndex(), hop.address());
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.DEBUG, "{0} is looked for when somebody sends to it: {1}", hop, e);
    }
  }

  /** Under this. */
  private void index(Followed one, PathChanges.@Nullable Hop hop) {
    if (one.hop != null) {
      Set<Followed> others = byHop.get(one.hop);
      if (others != null && others.remove(one) && others.isEmpty()) {
        byHop.remove(one.hop);
      }
    }
    one.hop = hop;
    if (hop != null) {
      byHop.computeIfAbsent(hop, ignored -> new LinkedHashSet<>()).add(one);
    }
  }

  private static PathChanges.@Nullable Hop hop(EgressPath path) {
    if (!path.egressInterfaceIndex().isKnown() || !path.nextHop().isKnown()) {
      return null;
    }
    InetAddress address = path.nextHop().value();
    return new PathChanges.Hop(path.egressInterfaceIndex().value(), address);
  }

  /** One that is followed. */
  private static final class Followed {
    private final PathQuery query;
    private final Listener listener;

    /** Under the monitor's lock. */
    private PathChanges.@Nullable Hop hop;

    private @Nullable IwarpConnectionDescriptor told;
    private volatile boolean looked;
    private boolean over;

    Followed(PathQuery query, Listener listener) {
      this.query = query;
      this.listener = listener;
    }

    boolean isNew() {
      return !looked;
    }

    synchronized void end() {
      over = true;
    }

    synchronized void tell(EgressPath path) {
      looked = true;
      if (over || !path.nextHopMac().isKnown()) {
        return;
      }
      IwarpConnectionDescriptor.Builder builder = IwarpConnectionDescriptor.builder();
      builder
          .present(DescriptorFields.LOCAL_ADDRESS, query.local(), "the connection")
          .present(DescriptorFields.REMOTE_ADDRESS, query.remote(), "the connection");
      NetlinkPathFacts.put(builder, path);
      builder.put(DescriptorFields.PATH_MTU_BYTES, path.pathMtuBytes());
      IwarpConnectionDescriptor now = builder.build();
      Set<FieldKey<?>> changed = changed(now);
      told = now;
      if (!changed.isEmpty()) {
        listener.changed(now, changed);
      }
    }

    private Set<FieldKey<?>> changed(IwarpConnectionDescriptor now) {
      IwarpConnectionDescriptor before = told;
      if (before == null) {
        return Set.copyOf(TOLD);
      }
      Set<FieldKey<?>> changed = new HashSet<>();
      for (FieldKey<?> key : TOLD) {
        if (!value(before, key).equals(value(now, key))) {
          changed.add(key);
        }
      }
      return changed;
    }

    private static Object value(IwarpConnectionDescriptor of, FieldKey<?> key) {
      return of.isKnown(key) ? of.value(key) : "absent";
    }
  }
}
