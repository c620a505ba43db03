package dev.offramp.linux.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A NIC made of a network namespace that sits in the cable between a host and its peer, with
 * nothing but iproute2 and cls_u32 on a stock kernel.
 *
 * <p>Its two ports pass everything on to each other, ARP and neighbour discovery included, so that
 * host and peer see one link. The wire port has the host's own MAC and IP addresses. A connection
 * that is <em>steered</em> goes up into the NIC's own stack instead of on to the host; that stack
 * then speaks to the peer in the host's name.
 *
 * <p>A steered connection is first {@link State#HELD}: nothing in the NIC may own it yet, so the
 * NIC's stack would answer the peer's segments with RST, which the guard swallows. The peer sees
 * silence and retransmits. The guard stands in the way of every RST of that 4-tuple, whoever sends
 * it, the host's own stack included, until {@link #open}.
 *
 * <p>All methods are safe for many threads, and each is undone when it fails half-way. What is set
 * for a connection takes one or two exchanges with the kernel (rtnetlink, some tens of
 * microseconds), however many are steered; opening and closing run {@code ip}.
 */
public final class SteeredNic implements AutoCloseable {
  /** How many connections can be steered at once: a bound for the kernel's memory. */
  public static final int MAX_STEERED = 16_384;

  private static final String SINK = "offramp-sink0";
  private static final String SINK_END = "offramp-sink1";

  /** What happens to a steered connection's segments. */
  public enum State {
    /** They reach the NIC's stack; a RST towards the peer is swallowed. */
    HELD,
    /** They reach the NIC's stack, which answers as it likes. */
    OPEN
  }

  /** No filter: {@link Filters#guard()} of a connection that is open. */
  private static final int NONE = 0;

  /**
   * A connection's filters.
   *
   * @param steer handle of the one that leads its segments up; {@link #NONE} only when torn
   * @param guard handle of the one against RST, or {@link #NONE}
   * @param torn whether taking them away has failed, so that nobody knows what is left
   */
  private record Filters(int steer, int guard, boolean torn) {
    State state() {
      return guard == NONE ? State.OPEN : State.HELD;
    }
  }

  private final CommandLine commands;
  private final String hostPort;
  private final String wirePort;
  private final HostIdentity identity;
  private final NicClaim claim;
  private final Map<FourTuple, Filters> steered = new LinkedHashMap<>();
  private @Nullable Steering steering;
  private boolean closed;

  private SteeredNic(
      CommandLine commands,
      String hostPort,
      String wirePort,
      HostIdentity identity,
      NicClaim claim) {
    this.commands = commands;
    this.hostPort = hostPort;
    this.wirePort = wirePort;
    this.identity = identity;
    this.claim = claim;
  }

  /**
   * Makes a NIC of a namespace that has two ports already. Everything else is set up here and taken
   * down by {@link #close}, or by the next one to open a NIC there when this process dies: until
   * then segments of its connections still go to that namespace, and guards swallow their resets.
   *
   * @param namespace where the ports are; must stay open for as long as the NIC is
   * @param hostPort interface that leads to the host
   * @param wirePort interface that leads to the peer; loses the addresses it has
   * @param identity what the wire port is to look like from outside
   * @throws NicInUseException when a NIC of a process that lives is there
   * @throws CommandException when ip fails; the steps before it have been undone
   * @throws SteeringException when the kernel refuses to join the ports; likewise
   */
  public static SteeredNic open(
      NetworkNamespace namespace, String hostPort, String wirePort, HostIdentity identity)
      throws IOException {
    CommandLine commands = CommandLine.in(namespace);
    SteeredNic nic =
        new SteeredNic(commands, hostPort, wirePort, identity, NicClaim.take(namespace));
    try {
      nic.clear(namespace);
      // A new namespace may inherit forwarding from the first one
      // (net.core.devconf_inherit_init_net).
      namespace.call(() -> {
        Sysctl.write("net.ipv4.ip_forward", "0");
        Sysctl.write("net.ipv6.conf.all.forwarding", "0");
        return true;
      });
      nic.commands.ipBatch(nic.setUpLinks());
      nic.steering = Steering.open(namespace, wirePort, hostPort, SINK);
      return nic;
    } catch (IOException | RuntimeException e) {
      Undo.after(e, nic::close);
      throw e;
    }
  }

  /** Takes away what a process has left that died. Its sink tells that the filters are a NIC's. */
  private void clear(NetworkNamespace namespace) throws IOException {
    if (Interfaces.isThere(namespace, SINK)) {
      Steering.clear(namespace, wirePort, hostPort);
      Undo.gone(() -> commands.ip("link", "del", SINK));
    }
  }

  /** How the NIC appears on the wire. */
  public HostIdentity identity() {
    return identity;
  }

  /** The interface that leads to the peer. */
  public String wirePort() {
    return wirePort;
  }

  /**
   * Sends a connection's segments up into the NIC's own stack, guarded: {@link State#HELD}. Does
   * nothing when it is steered already, in either state.
   *
   * @throws SteeringException when the kernel refuses; the connection is then as before
   * @throws IllegalStateException when {@link #MAX_STEERED} are steered, or the NIC is closed
   */
  public synchronized void steer(FourTuple tuple) throws IOException {
    Steering filters = requireUsable();
    Filters known = steered.get(tuple);
    if (known != null && !known.torn()) {
      return;
    }
    if (known != null) {
      unsteer(tuple);
    }
    if (steered.size() >= MAX_STEERED) {
      throw new IllegalStateException(
          MAX_STEERED + " connections are steered already; unsteer one first");
    }
    // The guard first: at no instant may a segment go up without it.
    int guard = filters.guard(tuple);
    try {
      steered.put(tuple, new Filters(filters.steer(tuple), guard, false));
    } catch (IOException | RuntimeException e) {
      Undo.after(e, () -> filters.unguard(tuple, guard));
      throw e;
    }
  }

  /**
   * Lifts the guard: the NIC's stack owns the connection now. Does nothing when it is open.
   *
   * @throws SteeringException when the kernel refuses; the guard may then still stand
   * @throws IllegalStateException when the connection is not steered, or the NIC is closed
   */
  public synchronized void open(FourTuple tuple) throws IOException {
    Steering filters = requireUsable();
    Filters known = requireSteered(tuple);
    if (known.state() == State.HELD) {
      filters.unguard(tuple, known.guard());
      steered.put(tuple, new Filters(known.steer(), NONE, known.torn()));
    }
  }

  /**
   * Puts the guard up again, as before a connection leaves the NIC. Does nothing when it is held.
   *
   * @throws SteeringException when the kernel refuses; the connection is then open as before
   * @throws IllegalStateException when the connection is not steered, or the NIC is closed
   */
  public synchronized void hold(FourTuple tuple) throws IOException {
    Steering filters = requireUsable();
    Filters known = requireSteered(tuple);
    if (known.state() == State.OPEN) {
      steered.put(tuple, new Filters(known.steer(), filters.guard(tuple), known.torn()));
    }
  }

  /**
   * Sends the connection's segments on to the host again. Does nothing when it is not steered.
   *
   * @throws SteeringException when the kernel refuses; try again, or {@link #steer} anew
   */
  public synchronized void unsteer(FourTuple tuple) throws IOException {
    Filters known = steered.get(tuple);
    Steering filters = steering;
    if (known == null || filters == null || closed) {
      return;
    }
    int steer = known.steer();
    try {
      // The guard last: at no instant may a segment go up without it.
      if (steer != NONE) {
        filters.unsteer(tuple, steer);
        // Another connection may get the handle from now on.
        steer = NONE;
      }
      if (known.guard() != NONE) {
        filters.unguard(tuple, known.guard());
      }
    } catch (IOException | RuntimeException e) {
      steered.put(tuple, new Filters(steer, known.guard(), true));
      throw e;
    }
    steered.remove(tuple);
  }

  /** What is steered now: a copy. */
  public synchronized Set<FourTuple> steered() {
    return Set.copyOf(steered.keySet());
  }

  /** The state of a connection, or null when it is not steered. */
  public synchronized @Nullable State state(FourTuple tuple) {
    Filters known = steered.get(tuple);
    return known == null ? null : known.state();
  }

  /**
   * Takes everything down that {@link #open(NetworkNamespace, String, String, HostIdentity)} and
   * {@link #steer} set up; the ports stay, up and without addresses, and pass nothing on. What is
   * gone already is no error. Further calls do nothing.
   *
   * @throws IOException when something could not be removed; the rest has been
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    steered.clear();
    Steering filters = steering;
    Undo.all(
        () -> {
          if (filters != null) {
            filters.close();
          }
        },
        () ->
            Undo.gone(() ->
                commands.ipBatchAll(
                    List.of(
                        "link del " + SINK,
                        "neigh flush dev " + wirePort + " nud permanent",
                        "addr flush dev " + wirePort,
                        "link set " + wirePort + " arp on",
                        "link set " + hostPort + " arp on"))),
        claim::close);
  }

  private List<String> setUpLinks() {
    List<String> lines = new ArrayList<>();
    lines.add("link set lo up");
    lines.add("link add " + SINK + " type veth peer name " + SINK_END);
    for (String device : List.of(SINK, SINK_END, hostPort, wirePort)) {
      // Neither asks nor answers, and has nothing to announce: only host and peer do.
      lines.add("link set " + device + " addrgenmode none");
      lines.add("link set " + device + " arp off");
    }
    lines.add("addr flush dev " + wirePort);
    // Some drivers change their address only while down.
    lines.add("link set " + wirePort + " down");
    lines.add("link set " + wirePort + " address " + identity.mac());
    for (String device : List.of(SINK, SINK_END, hostPort, wirePort)) {
      lines.add("link set " + device + " up");
    }
    for (HostIdentity.Prefix address : identity.addresses()) {
      // The host has this address too: duplicate address detection would find that out.
      String noDad = SteeringRules.isV6(address.address()) ? " nodad" : "";
      lines.add("addr add " + address + " dev " + wirePort + noDad);
    }
    for (HostIdentity.StaticNeighbour neighbour : identity.neighbours()) {
      lines.add(
          "neigh replace %s lladdr %s dev %s nud permanent"
              .formatted(SteeringRules.text(neighbour.address()), neighbour.mac(), wirePort));
    }
    for (var gateway : identity.gateways()) {
      lines.add(
          "route replace %s via %s dev %s"
              .formatted(
                  SteeringRules.isV6(gateway) ? "::/0" : "0.0.0.0/0",
                  SteeringRules.text(gateway),
                  wirePort));
    }
    return lines;
  }

  private Filters requireSteered(FourTuple tuple) {
    Filters known = steered.get(tuple);
    if (known == null) {
      throw new IllegalStateException(
          "not steered: " + tuple + "; steered are " + steered.size() + " others");
    }
    return known;
  }

  private Steering requireUsable() {
    Steering filters = steering;
    if (closed || filters == null) {
      throw new IllegalStateException("the NIC is closed");
    }
    return filters;
  }
}
