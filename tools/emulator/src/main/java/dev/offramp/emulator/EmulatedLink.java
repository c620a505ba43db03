package dev.offramp.emulator;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PathFacts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.models.Link;
import dev.offramp.spi.port.EventLoop;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The port of an emulated adapter: a {@link SteeredNic} sends the segments of claimed 4-tuples up
 * into a namespace, and the kernel there is the adapter's TCP engine. What it is told is what the
 * model decoded, and nothing else.
 *
 * <p>Claiming asks the kernel twice and waits. Safe for many threads; the connections belong to the
 * model's loop.
 */
final class EmulatedLink implements Link, AutoCloseable {
  /** Linux's TCP_TIMEWAIT_LEN, include/net/tcp.h. */
  static final long TIME_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final long CLOSE_SECONDS = 60;

  /** RFC 9293, section 3.7.1. */
  private static final int LEAST_MSS_BYTES = 536;

  private static final System.Logger LOG = System.getLogger(EmulatedLink.class.getName());

  private final SteeredNic nic;
  private final HostStack stack;
  private final EventLoop loop;
  private final int wireIndex;
  private final Wiring wiring;

  /** Lifts guards where nobody waits for it; one at a time, in order. */
  private final ExecutorService guards =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("offramp-steering").daemon(true).factory());

  // Guarded by this.
  private final Map<FourTuple, EmulatedClaim> claims = new HashMap<>();

  /** Nobody claims them any more, but the kernel still answers for them. */
  private final Set<FourTuple> lingering = new HashSet<>();

  private boolean closed;

  private EmulatedLink(SteeredNic nic, HostStack stack, EventLoop loop, int wireIndex) {
    this.nic = nic;
    this.stack = stack;
    this.loop = loop;
    this.wireIndex = wireIndex;
    this.wiring = new Wiring(nic.identity());
  }

  static EmulatedLink open(SteeredNic nic, NetworkNamespace namespace, EventLoop loop)
      throws IOException {
    int index =
        namespace.call(() -> {
          NetworkInterface wire = NetworkInterface.getByName(nic.wirePort());
          if (wire == null) {
            throw new IOException("no interface [" + nic.wirePort() + "] in " + namespace);
          }
          return wire.getIndex();
        });
    HostStack stack =
        HostStack.create(
            HostOptions.defaults().withNamespace(namespace).withPathFacts(PathFacts.netlink()));
    return new EmulatedLink(nic, stack, loop, index);
  }

  @Override
  public Claim claim(InetSocketAddress local, InetSocketAddress remote) throws IOException {
    FourTuple tuple = new FourTuple(scoped(local), scoped(remote));
    settleGuards();
    synchronized (this) {
      if (closed) {
        throw new IOException("the emulated adapter is powered off");
      }
      if (claims.containsKey(tuple)) {
        throw new IOException("the 4-tuple " + tuple + " is claimed already");
      }
      nic.steer(tuple);
      // One that lingers is steered, and open.
      nic.hold(tuple);
      lingering.remove(tuple);
      EmulatedClaim claim = new EmulatedClaim(this, tuple);
      claims.put(tuple, claim);
      return claim;
    }
  }

  synchronized int claimCount() {
    return claims.size();
  }

  HostStack stack() {
    return stack;
  }

  EventLoop loop() {
    return loop;
  }

  Wiring wiring() {
    return wiring;
  }

  /**
   * Lifts the guard: a socket answers for the 4-tuple now. Not on the caller's time, for the
   * model's loop has better to do than to wait for a lock of the kernel's, and the guard is in
   * nobody's way but a RST's.
   */
  void open(FourTuple tuple) {
    guards.execute(() -> {
      try {
        nic.open(tuple);
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a RST of " + tuple + " would be swallowed", e);
      }
    });
  }

  /** Puts the guard up: what happens to the socket from now on is not seen outside. */
  void hold(FourTuple tuple) throws IOException {
    settleGuards();
    nic.hold(tuple);
  }

  /** Waits until every guard that was to be lifted is. */
  private void settleGuards() throws IOException {
    try {
      guards.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a guard is being lifted", e);
    } catch (ExecutionException e) {
      throw new IOException("a guard cannot be lifted: " + e.getCause(), e);
    }
  }

  /** A claim is over. */
  void release(FourTuple tuple, EmulatedClaim claim, boolean afterTimeWait) {
    synchronized (this) {
      if (!claims.remove(tuple, claim)) {
        return;
      }
      lingering.add(tuple);
    }
    Runnable unsteering =
        () -> {
          if (!guards.isShutdown()) {
            guards.execute(() -> unsteer(tuple));
          }
        };
    if (afterTimeWait) {
      loop.schedule(System.nanoTime() + TIME_WAIT_NANOS, unsteering);
    } else {
      unsteering.run();
    }
  }

  /** Ends steering, unless another claim has the 4-tuple by now. */
  private synchronized void unsteer(FourTuple tuple) {
    if (lingering.contains(tuple)) {
      try {
        nic.unsteer(tuple);
        lingering.remove(tuple);
      } catch (IOException | RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "segments of " + tuple + " still go to the NIC; remove its filter by hand",
            e);
      }
    }
  }

  /** An adapter knows no interface indices, and a socket of its namespace needs one. */
  InetSocketAddress scoped(InetSocketAddress end) {
    InetAddress address = end.getAddress();
    if (!(address instanceof Inet6Address v6) || !v6.isLinkLocalAddress()) {
      return end;
    }
    try {
      return new InetSocketAddress(
          Inet6Address.getByAddress(null, v6.getAddress(), wireIndex), end.getPort());
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError("16 octets are an IPv6 address", e);
    }
  }

  /** Ends what is left, without a word. Not for the loop's own thread. */
  @Override
  public void close() {
    List<EmulatedClaim> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      left = List.copyOf(claims.values());
    }
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(() -> {
      try {
        left.forEach(EmulatedClaim::close);
      } finally {
        done.countDown();
      }
    });
    try {
      if (!done.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(System.Logger.Level.WARNING, "the emulated adapter's loop does not answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<FourTuple> rest;
    synchronized (this) {
      rest = List.copyOf(lingering);
    }
    rest.forEach(this::unsteer);
    guards.shutdown();
  }

  /** What a full segment carries, as decoded. */
  static int segmentBytes(IwarpConnectionDescriptor d) {
    return d.get(DescriptorFields.SEND_MSS_BYTES)
        .orElse(d.get(DescriptorFields.MSS_CLAMP_BYTES).orElse(LEAST_MSS_BYTES));
  }
}
