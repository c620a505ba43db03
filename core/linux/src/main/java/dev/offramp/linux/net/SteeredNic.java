package dev.offramp.linux.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A NIC made of a network namespace that sits in the cable between a host and its peer, with
 * nothing but iproute2 on a stock kernel.
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
 * <p>All methods are safe for many threads, and each is undone when it fails half-way. They run a
 * process each (some milliseconds).
 */
public final class SteeredNic implements AutoCloseable {
  /**
   * How many connections can be steered at once. Each takes two of the 2047 tables that cls_u32 has
   * for both directions of a port together (net/sched/cls_u32.c: gen_new_htid, tc_u_common_ptr).
   */
  public static final int MAX_STEERED = 1_000;

  private static final int FIRST_PREFERENCE = 1_000;

  /** Guards have preferences of their own: a dump of one direction lists both for a common one. */
  private static final int FIRST_GUARD = 10_000;

  private static final String SINK = "offramp-sink0";
  private static final String SINK_END = "offramp-sink1";

  /** What happens to a steered connection's segments. */
  public enum State {
    /** They reach the NIC's stack; a RST towards the peer is swallowed. */
    HELD,
    /** They reach the NIC's stack, which answers as it likes. */
    OPEN
  }

  /**
   * A connection's filters.
   *
   * @param torn whether taking them away has failed, so that nobody knows what is left
   */
  private record Steering(int preference, State state, boolean torn) {
    Steering(int preference, State state) {
      this(preference, state, false);
    }
  }

  private final CommandLine commands;
  private final String hostPort;
  private final String wirePort;
  private final HostIdentity identity;
  private final Map<FourTuple, Steering> steered = new LinkedHashMap<>();
  private final BitSet preferences = new BitSet();
  private boolean closed;

  private SteeredNic(
      CommandLine commands, String hostPort, String wirePort, HostIdentity identity) {
    this.commands = commands;
    this.hostPort = hostPort;
    this.wirePort = wirePort;
    this.identity = identity;
  }

  /**
   * Makes a NIC of a namespace that has two ports already. Everything else is set up here and taken
   * down by {@link #close}.
   *
   * @param namespace where the ports are; must stay open for as long as the NIC is
   * @param hostPort interface that leads to the host
   * @param wirePort interface that leads to the peer; loses the addresses it has
   * @param identity what the wire port is to look like from outside
   * @throws CommandException when a step fails; the steps before it have been undone
   */
  public static SteeredNic open(
      NetworkNamespace namespace, String hostPort, String wirePort, HostIdentity identity)
      throws IOException {
    SteeredNic nic = new SteeredNic(CommandLine.in(namespace), hostPort, wirePort, identity);
    try {
      // A new namespace may inherit forwarding from the first one
      // (net.core.devconf_inherit_init_net).
      namespace.call(() -> {
        Sysctl.write("net.ipv4.ip_forward", "0");
        Sysctl.write("net.ipv6.conf.all.forwarding", "0");
        return true;
      });
      nic.commands.ipBatch(nic.setUpLinks());
      nic.commands.tcBatch(nic.setUpPassing());
      return nic;
    } catch (IOException | RuntimeException e) {
      Undo.after(e, nic::close);
      throw e;
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
   * @throws CommandException when tc fails; the connection is then as before
   * @throws IllegalStateException when {@link #MAX_STEERED} are steered, or the NIC is closed
   */
  public synchronized void steer(FourTuple tuple) throws IOException {
    requireUsable();
    Steering known = steered.get(tuple);
    if (known != null && !known.torn()) {
      return;
    }
    if (known != null) {
      unsteer(tuple);
    }
    int slot = preferences.nextClearBit(0);
    if (slot >= MAX_STEERED) {
      throw new IllegalStateException(
          MAX_STEERED + " connections are steered already; unsteer one first");
    }
    int preference = FIRST_PREFERENCE + slot;
    try {
      // The guard first: at no instant may a segment go up without it.
      commands.tcBatch(
          List.of(
              SteeringRules.guard(wirePort, SINK, guard(preference), tuple),
              SteeringRules.steer(wirePort, preference, tuple)));
    } catch (IOException e) {
      Undo.after(e, () -> remove(preference));
      throw e;
    }
    preferences.set(slot);
    steered.put(tuple, new Steering(preference, State.HELD));
  }

  /**
   * Lifts the guard: the NIC's stack owns the connection now. Does nothing when it is open.
   *
   * @throws CommandException when tc fails; the guard may then still stand
   * @throws IllegalStateException when the connection is not steered, or the NIC is closed
   */
  public synchronized void open(FourTuple tuple) throws IOException {
    Steering steering = requireSteered(tuple);
    if (steering.state() == State.HELD) {
      Undo.gone(() -> commands.tcBatchAll(List.of(removeGuard(steering.preference()))));
      steered.put(tuple, new Steering(steering.preference(), State.OPEN));
    }
  }

  /**
   * Puts the guard up again, as before a connection leaves the NIC. Does nothing when it is held.
   *
   * @throws CommandException when tc fails; the connection is then open as before
   * @throws IllegalStateException when the connection is not steered, or the NIC is closed
   */
  public synchronized void hold(FourTuple tuple) throws IOException {
    Steering steering = requireSteered(tuple);
    if (steering.state() == State.OPEN) {
      commands.tcBatch(
          List.of(SteeringRules.guard(wirePort, SINK, guard(steering.preference()), tuple)));
      steered.put(tuple, new Steering(steering.preference(), State.HELD));
    }
  }

  /**
   * Sends the connection's segments on to the host again. Does nothing when it is not steered.
   *
   * @throws CommandException when tc fails; try again, or {@link #steer} anew
   */
  public synchronized void unsteer(FourTuple tuple) throws IOException {
    Steering steering = steered.get(tuple);
    if (steering == null || closed) {
      return;
    }
    try {
      remove(steering.preference());
    } catch (IOException e) {
      steered.put(tuple, new Steering(steering.preference(), steering.state(), true));
      throw e;
    }
    steered.remove(tuple);
    preferences.clear(steering.preference() - FIRST_PREFERENCE);
  }

  /** What is steered now: a copy. */
  public synchronized Set<FourTuple> steered() {
    return Set.copyOf(steered.keySet());
  }

  /** The state of a connection, or null when it is not steered. */
  public synchronized @Nullable State state(FourTuple tuple) {
    Steering steering = steered.get(tuple);
    return steering == null ? null : steering.state();
  }

  /**
   * Takes everything down that {@link #open(NetworkNamespace, String, String, HostIdentity)} and
   * {@link #steer} set up; the ports stay, up and without addresses, and pass nothing on. What is
   * gone already is no error. Further calls do nothing.
   *
   * @throws CommandException when something could not be removed; the rest has been
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    steered.clear();
    preferences.clear();
    Undo.all(
        // A clsact qdisc takes all its filters with it.
        () ->
            Undo.gone(() ->
                commands.tcBatchAll(
                    List.of(
                        "qdisc del dev " + wirePort + " clsact",
                        "qdisc del dev " + hostPort + " clsact"))),
        () ->
            Undo.gone(() ->
                commands.ipBatchAll(
                    List.of(
                        "link del " + SINK,
                        "neigh flush dev " + wirePort + " nud permanent",
                        "addr flush dev " + wirePort,
                        "link set " + wirePort + " arp on",
                        "link set " + hostPort + " arp on"))));
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

  private List<String> setUpPassing() {
    return List.of(
        "qdisc add dev " + wirePort + " clsact",
        "qdisc add dev " + hostPort + " clsact",
        SteeringRules.pass(wirePort, hostPort),
        SteeringRules.pass(hostPort, wirePort));
  }

  private void remove(int preference) throws IOException {
    // The guard last: at no instant may a segment go up without it.
    Undo.gone(() ->
        commands.tcBatchAll(
            List.of(
                SteeringRules.remove(wirePort, "ingress", preference), removeGuard(preference))));
  }

  private String removeGuard(int preference) {
    return SteeringRules.remove(wirePort, "egress", guard(preference));
  }

  private static int guard(int preference) {
    return preference - FIRST_PREFERENCE + FIRST_GUARD;
  }

  private Steering requireSteered(FourTuple tuple) {
    requireUsable();
    Steering steering = steered.get(tuple);
    if (steering == null) {
      throw new IllegalStateException(
          "not steered: " + tuple + "; steered are " + steered.keySet());
    }
    return steering;
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("the NIC is closed");
    }
  }
}
