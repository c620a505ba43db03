package dev.offramp.models;

import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.MSS_CLAMP_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WUP;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.SND_MAX;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.SND_UNA;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WL1;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.TIMESTAMPS;
import static dev.offramp.api.descriptor.DescriptorFields.UNACKNOWLEDGED;
import static dev.offramp.api.descriptor.DescriptorFields.UNREAD;
import static dev.offramp.api.descriptor.DescriptorFields.UNSENT;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;
import static dev.offramp.api.descriptor.DescriptorFields.WINDOW_SCALING;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A cable in memory, with a small TCP at each end of each connection: nothing is lost on the way,
 * and what a modelled adapter was told wrongly has the consequences that it has in TCP. {@link
 * SimulatedConnection} lays connections on it. Safe for any thread.
 */
public final class SimulatedLink implements Link {
  /** What an interface of the simulation takes. */
  static final int MTU_BYTES = 1500;

  private static final int LEAST_MSS_BYTES = 536;

  private final Object monitor = new Object();
  private final EventLoop loop;
  private final LongSupplier clock;
  private final Map<Ends, Holder> holders = new HashMap<>();
  private final Queue<SimulatedSegment> underway = new ArrayDeque<>();
  private boolean delivering;
  private long segments;

  /** One end's view of a 4-tuple. */
  record Ends(InetSocketAddress local, InetSocketAddress remote) {
    /** The other end's view. */
    Ends mirrored() {
      return new Ends(/* local= */ remote, /* remote= */ local);
    }
  }

  /** Who has a 4-tuple, and the TCP that answers for it, if any. */
  private static final class Holder {
    final SimulatedSegment.@Nullable Frame accepts;
    boolean claimed;
    @Nullable SimulatedTcp tcp;

    Holder(SimulatedSegment.@Nullable Frame accepts) {
      this.accepts = accepts;
    }
  }

  /**
   * A link without connections.
   *
   * @param loop for its timers
   * @param clock nanoseconds, monotonic; the loop's
   */
  public SimulatedLink(EventLoop loop, LongSupplier clock) {
    this.loop = loop;
    this.clock = clock;
  }

  /** How many 4-tuples are claimed now. */
  public int claimCount() {
    synchronized (monitor) {
      return (int) holders.values().stream().filter(holder -> holder.claimed).count();
    }
  }

  /** How many segments have been sent, by either end. */
  public long segmentCount() {
    synchronized (monitor) {
      return segments;
    }
  }

  @Override
  public Claim claim(InetSocketAddress local, InetSocketAddress remote) throws IOException {
    synchronized (monitor) {
      Ends ends = new Ends(local, remote);
      Holder holder = holders.computeIfAbsent(ends, key -> new Holder(null));
      if (holder.claimed) {
        throw new IOException("the 4-tuple " + local + ", " + remote + " is claimed already");
      }
      holder.claimed = true;
      return new SimulatedClaim(ends, holder);
    }
  }

  // ---- for the ends

  Object monitor() {
    return monitor;
  }

  EventLoop loop() {
    return loop;
  }

  long now() {
    return clock.getAsLong();
  }

  void run(Runnable work) {
    synchronized (monitor) {
      work.run();
    }
  }

  void transmit(SimulatedSegment segment) {
    segments++;
    underway.add(segment);
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      for (SimulatedSegment next = underway.poll(); next != null; next = underway.poll()) {
        deliver(next);
      }
    } finally {
      delivering = false;
    }
  }

  private void deliver(SimulatedSegment segment) {
    if (!fits(segment)) {
      return;
    }
    Holder holder = holders.get(new Ends(segment.destination(), segment.source()));
    if (holder == null) {
      refuse(segment);
    } else if (holder.tcp != null && arrives(segment, holder)) {
      holder.tcp.receive(segment);
    }
  }

  /** A host without such a connection answers with RST (RFC 9293, section 3.10.7.1). */
  private void refuse(SimulatedSegment segment) {
    if (!segment.rst()) {
      transmit(segment.reset());
    }
  }

  /** Whether somebody answers for the segment's destination: counts as the peer's silence then. */
  boolean isAnswered(SimulatedSegment segment) {
    Holder holder = holders.get(new Ends(segment.destination(), segment.source()));
    return holder == null || (holder.tcp != null && !holder.tcp.isSilent());
  }

  private static boolean fits(SimulatedSegment segment) {
    return segment.packetBytes() <= MTU_BYTES;
  }

  private static boolean arrives(SimulatedSegment segment, Holder holder) {
    SimulatedSegment.Frame accepts = holder.accepts;
    return accepts == null || accepts.takes(segment.frame());
  }

  /** A connection has ended; a claim on it stays. */
  void gone(SimulatedTcp tcp) {
    Ends ends = new Ends(tcp.setup().local(), tcp.setup().remote());
    Holder holder = holders.get(ends);
    if (holder != null && holder.tcp == tcp) {
      holder.tcp = null;
      if (!holder.claimed) {
        holders.remove(ends);
      }
    }
  }

  /** The peer's end: it accepts frames for its MAC and VLAN only. */
  SimulatedTcp addPeer(SimulatedTcp.Setup setup, SimulatedSegment.Frame accepts) {
    SimulatedTcp tcp = new SimulatedTcp(this, setup);
    Holder holder = new Holder(accepts);
    holder.tcp = tcp;
    put(new Ends(setup.local(), setup.remote()), holder);
    return tcp;
  }

  /** The host's end: held, and stopped. */
  void addHost(InetSocketAddress local, InetSocketAddress remote) {
    put(new Ends(local, remote), new Holder(null));
  }

  private void put(Ends ends, Holder holder) {
    if (holders.putIfAbsent(ends, holder) != null) {
      throw new IllegalArgumentException("the 4-tuple is in use: " + ends);
    }
  }

  /** The host's TCP goes on with a connection that came back. */
  StreamPort resumeAtHost(IwarpConnectionDescriptor d) throws TransferException {
    synchronized (monitor) {
      Holder holder = holders.get(new Ends(d.value(LOCAL_ADDRESS), d.value(REMOTE_ADDRESS)));
      if (holder == null || holder.claimed || holder.tcp != null) {
        throw new IllegalStateException(
            "the host does not have the 4-tuple, or an adapter still claims it");
      }
      SimulatedTcp tcp = tcp(d);
      holder.tcp = tcp;
      tcp.speak();
      return tcp;
    }
  }

  /** A TCP that goes by what {@code d} says, right or wrong. */
  private SimulatedTcp tcp(IwarpConnectionDescriptor d) throws TransferException {
    requireFields(d);
    Octets unacknowledged = d.get(UNACKNOWLEDGED).orElse(Octets.empty());
    int una = d.value(SND_UNA).intValue();
    int max =
        d.get(SND_MAX)
            .orElse(d.get(SND_NXT).orElse(d.value(SND_UNA) + unacknowledged.length()))
            .intValue();
    boolean scaling = d.value(WINDOW_SCALING);
    int rcvNxt = d.value(RCV_NXT).intValue();
    SimulatedTcp tcp =
        new SimulatedTcp(
            this,
            new SimulatedTcp.Setup(
                d.value(LOCAL_ADDRESS),
                d.value(REMOTE_ADDRESS),
                una,
                max,
                d.get(SND_WND).orElse(0L),
                d.get(SND_WL1).orElse(d.value(RCV_NXT)).intValue(),
                scaling ? d.get(SEND_WINDOW_SCALE).orElse(0) : 0,
                rcvNxt,
                d.get(RCV_WUP).orElse(d.value(RCV_NXT)).intValue(),
                d.get(RCV_WND).orElse(0L),
                scaling ? d.get(RECEIVE_WINDOW_SCALE).orElse(0) : 0,
                d.get(SEND_MSS_BYTES).orElse(d.get(MSS_CLAMP_BYTES).orElse(LEAST_MSS_BYTES)),
                d.value(TIMESTAMPS),
                new SimulatedSegment.Frame(
                    d.isKnown(NEXT_HOP_MAC) ? d.value(NEXT_HOP_MAC) : null,
                    d.isKnown(VLAN_TAG) ? d.value(VLAN_TAG) : null)));
    tcp.preloadOutgoing(unacknowledged.asByteBuffer());
    tcp.preloadOutgoing(d.get(UNSENT).orElse(Octets.empty()).asByteBuffer());
    tcp.preloadIncoming(d.get(UNREAD).orElse(Octets.empty()).asByteBuffer());
    return tcp;
  }

  /** The same fields that Linux cannot do without. */
  private static void requireFields(IwarpConnectionDescriptor d) throws TransferException {
    List<Refusal> refusals = new ArrayList<>();
    for (FieldKey<?> key : List.of(RCV_NXT, SND_UNA, WINDOW_SCALING, TIMESTAMPS)) {
      if (!d.isKnown(key)) {
        refusals.add(
            new Refusal(
                RefusalReason.FIELD_ABSENT,
                key + " absent: " + d.get(key).source(),
                "a value",
                "decode it from the vendor's commands"));
      }
    }
    if (!refusals.isEmpty()) {
      throw TransferException.refused(TransferStep.PREPARE, refusals);
    }
  }

  private final class SimulatedClaim implements Claim {
    private final Ends ends;
    private final Holder holder;
    private @Nullable IwarpConnectionDescriptor decoded;
    private boolean closed;

    SimulatedClaim(Ends ends, Holder holder) {
      this.ends = ends;
      this.holder = holder;
    }

    @Override
    public PreparedStream install(IwarpConnectionDescriptor descriptor) throws TransferException {
      synchronized (monitor) {
        if (closed || holder.tcp != null) {
          throw new IllegalStateException(closed ? "the claim is closed" : "installed already");
        }
        SimulatedTcp tcp = tcp(descriptor);
        holder.tcp = tcp;
        decoded = descriptor;
        return new Prepared(holder, tcp);
      }
    }

    @Override
    public Departure stop() throws TransferException {
      synchronized (monitor) {
        SimulatedTcp tcp = holder.tcp;
        IwarpConnectionDescriptor known = decoded;
        if (closed || tcp == null || known == null || tcp.isSilent() || !tcp.isEstablished()) {
          throw TransferException.refused(
              TransferStep.ADMIT,
              List.of(
                  new Refusal(
                      RefusalReason.CLOSED,
                      "no established connection at this claim",
                      "a running one",
                      "stop it before it ends")));
        }
        tcp.beSilent();
        return new SimulatedDeparture(SimulatedLink.this, tcp, SimulatedDeparture.of(tcp, known));
      }
    }

    @Override
    public void close() {
      synchronized (monitor) {
        if (closed) {
          return;
        }
        closed = true;
        holder.claimed = false;
        SimulatedTcp tcp = holder.tcp;
        if (tcp != null) {
          tcp.beSilent();
          holder.tcp = null;
        }
        if (!holders.containsKey(ends.mirrored())) {
          holders.remove(ends);
        }
      }
    }
  }

  private final class Prepared implements PreparedStream {
    private final Holder holder;
    private final SimulatedTcp tcp;
    private boolean over;

    Prepared(Holder holder, SimulatedTcp tcp) {
      this.holder = holder;
      this.tcp = tcp;
    }

    @Override
    public StreamPort activate() {
      synchronized (monitor) {
        if (over) {
          throw new IllegalStateException("already activated or abandoned");
        }
        over = true;
        tcp.speak();
        return tcp;
      }
    }

    @Override
    public void abandon() {
      synchronized (monitor) {
        if (!over) {
          over = true;
          if (holder.tcp == tcp) {
            holder.tcp = null;
          }
        }
      }
    }
  }
}
