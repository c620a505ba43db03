package dev.offramp.runtime.model;

import dev.offramp.runtime.model.Program.Call;
import dev.offramp.runtime.model.World.Crash;
import dev.offramp.runtime.model.World.Owner;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What can happen next: the coordinator's calls step by step, the two ends, the network. */
final class Protocol {
  /** Where a connection moves. */
  enum Direction {
    HOST_TO_NIC,
    NIC_TO_HOST
  }

  /** Bugs to be found. */
  enum Bug {
    NONE,
    ACTIVATES_BEFORE_THE_RELEASE,
    ABANDONS_BEFORE_STEERING_BACK,
    DESCRIBES_BEFORE_THE_FENCE,
    DESCRIBES_BEFORE_THE_WINDOW_IS_CLOSED,
    FENCES_BEFORE_THE_FREEZE,
    STEERS_WITHOUT_A_GUARD,
    STEERS_AFTER_THE_RELEASE,
    NEW_OWNER_IS_NOT_SILENT,
    FORGETS_UNACKNOWLEDGED,
    FORGETS_UNREAD,
    REPEATS_UNREAD,
    RELEASES_WITH_A_RESET,
    OLD_OWNER_RUNS_ON_AFTER_A_LOSS,
    NEVER_STEERS_AWAY
  }

  /** Takes what can happen. */
  @FunctionalInterface
  interface Sink {
    void accept(String what, World after);
  }

  private static final int IN_FLIGHT_TO_OWNER = 2;
  private static final int IN_FLIGHT_TO_PEER = 1;

  private final Program program;
  private final Map<Call, List<Step>> steps;
  private final Direction direction;
  private final Bug bug;

  Protocol(Direction direction, Bug bug) {
    this.direction = direction;
    this.bug = bug;
    this.program = program(bug);
    this.steps = steps(direction, bug);
  }

  private static Program program(Bug bug) {
    Program recorded = Program.recorded();
    return switch (bug) {
      case ACTIVATES_BEFORE_THE_RELEASE -> recorded.swapped(Call.RELEASE, Call.ACTIVATE);
      case ABANDONS_BEFORE_STEERING_BACK -> recorded.swapped(Call.STEER_BACK, Call.ABANDON);
      case STEERS_AFTER_THE_RELEASE -> recorded.swapped(Call.STEER_AWAY, Call.RELEASE);
      default -> recorded;
    };
  }

  private static Map<Call, List<Step>> steps(Direction direction, Bug bug) {
    boolean toNic = direction == Direction.HOST_TO_NIC;
    Map<Call, List<Step>> steps = new EnumMap<>(toNic ? Step.hostToNic() : Step.nicToHost());
    switch (bug) {
      case DESCRIBES_BEFORE_THE_FENCE ->
          departs(steps, Step.FREEZE_OLD, Step.DESCRIBE, Step.FENCE_OLD, Step.CLOSE_WINDOW_OLD);
      case DESCRIBES_BEFORE_THE_WINDOW_IS_CLOSED ->
          departs(steps, Step.FREEZE_OLD, Step.FENCE_OLD, Step.DESCRIBE, Step.CLOSE_WINDOW_OLD);
      case FENCES_BEFORE_THE_FREEZE ->
          departs(steps, Step.FENCE_OLD, Step.FREEZE_OLD, Step.CLOSE_WINDOW_OLD, Step.DESCRIBE);
      case STEERS_WITHOUT_A_GUARD -> {
        steps.put(Call.ARRIVE, List.of(Step.INSTALL_NEW, Step.STEER_TO_NEW));
        steps.put(Call.ABANDON, List.of(Step.DISCARD_NEW, Step.STEER_TO_OLD));
      }
      case STEERS_AFTER_THE_RELEASE ->
          departs(steps, Step.FREEZE_OLD, Step.FENCE_OLD, Step.CLOSE_WINDOW_OLD, Step.DESCRIBE);
      case NEVER_STEERS_AWAY -> steps.put(Call.STEER_AWAY, List.of());
      default -> {}
    }
    return steps;
  }

  private static void departs(Map<Call, List<Step>> steps, Step... order) {
    steps.put(Call.DEPART, List.of(order));
  }

  Program program() {
    return program;
  }

  /** Whether all octets are where they belong, and the coordinator is through. */
  boolean isDone(World w) {
    return program.node(w.node()).end
        && w.holder() == Owner.RUNNING
        && w.holderTcp().isDone(Tcp.OUT, Tcp.IN)
        && w.peer().isDone(Tcp.IN, Tcp.OUT);
  }

  void next(World w, Sink to) {
    coordinator(w, to);
    owners(w, to);
    if (!w.isReset()) {
      peer(w, to);
    }
    network(w, to);
    crashes(w, to);
  }

  // ---- the coordinator

  private void coordinator(World w, Sink to) {
    Program.Node node = program.node(w.node());
    if (node.end || w.crash() == Crash.OF_THE_OLD || w.crash() == Crash.OF_BOTH) {
      return;
    }
    boolean steerBackForNothing = node.call == Call.STEER_BACK && !w.ledAway();
    List<Step> of = new ArrayList<>();
    if (node.call == Call.RESUME && w.ledAway()) {
      of.addAll(steps.get(Call.STEER_BACK));
    }
    if (!steerBackForNothing) {
      of.addAll(steps.getOrDefault(node.call, List.of()));
    }
    boolean needsNew =
        node.call == Call.ARRIVE || node.call == Call.PREPARE || node.call == Call.ACTIVATE;
    boolean cannotSucceed = needsNew && w.crash() == Crash.OF_THE_NEW;
    if (w.step() < of.size()) {
      if (!cannotSucceed) {
        Step step = of.get(w.step());
        to.accept(
            node.call + ": " + step,
            w.with(b -> {
              b.step++;
              b.ledAway |= node.call == Call.STEER_AWAY;
              apply(step, b);
            }));
      }
    } else if (!cannotSucceed) {
      to.accept(
          node.call + " is done",
          w.with(b -> {
            b.node = node.onSuccess;
            b.step = 0;
            b.ledAway &= node.call != Call.STEER_BACK && node.call != Call.RESUME;
          }));
    }
    // Also with all steps done: what reports a failure may have worked.
    if (node.onFailure >= 0) {
      to.accept(node.call + " fails", w.with(b -> fail(node, b)));
    }
  }

  private void apply(Step step, World.Builder b) {
    switch (step) {
      case FREEZE_OLD ->
          b.old =
              switch (b.old) {
                case RUNNING -> Owner.IN_REPAIR;
                case DEAF -> Owner.FENCED;
                default -> b.old;
              };
      case FENCE_OLD ->
          b.old =
              switch (b.old) {
                case RUNNING -> Owner.DEAF;
                case IN_REPAIR -> Owner.FENCED;
                default -> b.old;
              };
      case CLOSE_WINDOW_OLD -> b.old = b.old == Owner.FENCED ? Owner.SILENT : b.old;
      case DESCRIBE -> {
        b.described = b.oldTcp;
        b.isDescribed = true;
      }
      case INSTALL_NEW -> {
        b.next = bug == Bug.NEW_OWNER_IS_NOT_SILENT ? Owner.RUNNING : Owner.SILENT;
        b.newTcp = installed(b.described);
      }
      case GUARD_UP -> b.guard = true;
      case GUARD_DOWN -> b.guard = false;
      case STEER_TO_NEW -> b.toNew = true;
      case STEER_TO_OLD -> b.toNew = false;
      case PREPARE -> {}
      case DESTROY_OLD -> {
        b.old = Owner.NOBODY;
        b.isReset |= bug == Bug.RELEASES_WITH_A_RESET;
      }
      case UNFENCE_NEW -> b.next = b.next == Owner.SILENT ? Owner.RUNNING : b.next;
      case DISCARD_NEW -> b.next = Owner.NOBODY;
      case THAW_OLD -> b.old = b.old == Owner.NOBODY ? b.old : Owner.RUNNING;
    }
  }

  private Tcp installed(Tcp d) {
    return switch (bug) {
      case FORGETS_UNACKNOWLEDGED -> new Tcp(d.nxt(), d.nxt(), d.rcv(), d.read());
      case FORGETS_UNREAD -> new Tcp(d.una(), d.nxt(), d.rcv(), d.rcv());
      case REPEATS_UNREAD -> new Tcp(d.una(), d.nxt(), d.rcv(), Math.max(0, d.read() - 1));
      default -> d;
    };
  }

  /** An owner undoes what it has done of a call that fails, unless that is another call's. */
  private void fail(Program.Node node, World.Builder b) {
    switch (node.call) {
      case DEPART -> {
        b.old = b.old == Owner.NOBODY ? b.old : Owner.RUNNING;
        b.guard = false;
      }
      case ARRIVE -> {
        b.next = Owner.NOBODY;
        if (direction == Direction.HOST_TO_NIC) {
          b.toNew = false;
          b.guard = false;
        }
      }
      case ACTIVATE -> {
        b.next = Owner.NOBODY;
        b.isExcused = true;
        if (bug == Bug.OLD_OWNER_RUNS_ON_AFTER_A_LOSS) {
          b.old = Owner.RUNNING;
          b.next = Owner.RUNNING;
        }
      }
      case STEER_AWAY -> b.ledAway = true;
      case RESUME -> b.isExcused = true;
      case STEER_BACK, PREPARE, RELEASE, ABANDON -> {}
    }
    b.node = node.onFailure;
    b.step = 0;
  }

  // ---- the ends

  private static void owners(World w, Sink to) {
    owner(w, w.old(), w.oldTcp(), "old", (b, tcp) -> b.oldTcp = tcp, to);
    owner(w, w.next(), w.newTcp(), "new", (b, tcp) -> b.newTcp = tcp, to);
  }

  private interface Put {
    void into(World.Builder b, Tcp tcp);
  }

  private static void owner(World w, Owner state, Tcp tcp, String who, Put put, Sink to) {
    if (state == Owner.NOBODY) {
      return;
    }
    boolean room = Integer.bitCount(w.toPeer()) < IN_FLIGHT_TO_PEER;
    boolean speaks = state.speaks();
    if (room && speaks && tcp.canSend(Tcp.OUT)) {
      to.accept(
          who + " sends octet " + tcp.nxt(),
          w.with(b -> {
            b.toPeer |= 1 << new Tcp.Segment(true, tcp.nxt(), tcp.rcv()).number();
            put.into(b, tcp.sends());
          }));
    }
    if (room && tcp.canRepeat()) {
      // Timers run in repair, too: a silent owner repeats what it has sent before.
      to.accept(
          who + " repeats octet " + tcp.una(),
          w.with(b -> b.toPeer |= 1 << new Tcp.Segment(true, tcp.una(), tcp.rcv()).number()));
    }
    if (room && speaks) {
      to.accept(
          who + " acknowledges " + tcp.rcv(),
          w.with(b -> b.toPeer |= 1 << new Tcp.Segment(false, 0, tcp.rcv()).number()));
    }
    if (state == Owner.RUNNING && tcp.read() < tcp.rcv() && w.appRead() < Tcp.IN) {
      to.accept(
          "the application reads at the " + who,
          w.with(b -> {
            put.into(b, tcp.reads());
            b.appRead++;
          }));
    }
  }

  private static void peer(World w, Sink to) {
    Tcp tcp = w.peer();
    boolean room = Integer.bitCount(w.toOwner()) < IN_FLIGHT_TO_OWNER;
    if (room && tcp.canSend(Tcp.IN)) {
      to.accept(
          "the peer sends octet " + tcp.nxt(),
          w.with(b -> {
            b.toOwner |= 1 << new Tcp.Segment(true, tcp.nxt(), tcp.rcv()).number();
            b.peer = tcp.sends();
          }));
    }
    if (room && tcp.canRepeat()) {
      to.accept(
          "the peer repeats octet " + tcp.una(),
          w.with(b -> b.toOwner |= 1 << new Tcp.Segment(true, tcp.una(), tcp.rcv()).number()));
    }
    if (room) {
      to.accept(
          "the peer acknowledges " + tcp.rcv(),
          w.with(b -> b.toOwner |= 1 << new Tcp.Segment(false, 0, tcp.rcv()).number()));
    }
    if (tcp.read() < tcp.rcv()) {
      to.accept("the peer reads", w.with(b -> b.peer = tcp.reads()));
    }
  }

  // ---- the network

  private static void network(World w, Sink to) {
    for (int number = 0; number < Tcp.Segment.COUNT; number++) {
      int bit = 1 << number;
      Tcp.Segment segment = Tcp.Segment.of(number);
      if ((w.toPeer() & bit) != 0) {
        to.accept("lost: " + segment, w.with(b -> b.toPeer &= ~bit));
        if (!w.isReset()) {
          to.accept(
              "to the peer: " + segment,
              w.with(b -> {
                b.toPeer &= ~bit;
                b.peer = b.peer.receives(segment);
              }));
          // A network may deliver twice.
          to.accept(
              "to the peer, and again: " + segment, w.with(b -> b.peer = b.peer.receives(segment)));
        }
      }
      if ((w.toOwner() & bit) != 0) {
        to.accept("lost: " + segment, w.with(b -> b.toOwner &= ~bit));
        to.accept(
            "to the owner: " + segment,
            w.with(b -> {
              b.toOwner &= ~bit;
              arrives(segment, b);
            }));
        to.accept("to the owner, and again: " + segment, w.with(b -> arrives(segment, b)));
      }
    }
  }

  /** At whichever place the peer's segments reach. */
  private static void arrives(Tcp.Segment segment, World.Builder b) {
    Owner there = b.toNew ? b.next : b.old;
    if (there == Owner.NOBODY) {
      b.isReset |= !b.guard;
    } else if (there.hears() && b.toNew) {
      b.newTcp = b.newTcp.receives(segment);
    } else if (there.hears()) {
      b.oldTcp = b.oldTcp.receives(segment);
    }
  }

  // ---- crashes

  private static void crashes(World w, Sink to) {
    if (w.crash() != Crash.NONE) {
      return;
    }
    to.accept(
        "the old owner's process dies, with the coordinator",
        w.with(b -> {
          b.crash = Crash.OF_THE_OLD;
          b.old = afterDeath(b.old);
        }));
    to.accept(
        "the new owner's process dies",
        w.with(b -> {
          b.crash = Crash.OF_THE_NEW;
          b.next = Owner.NOBODY;
        }));
    to.accept(
        "the process of both dies",
        w.with(b -> {
          b.crash = Crash.OF_BOTH;
          b.old = afterDeath(b.old);
          b.next = Owner.NOBODY;
        }));
  }

  /**
   * The kernel closes a running one with FIN or RST, and hears the answer; one in repair goes at
   * once, and RST answers what comes. A filter it leaves where it is.
   */
  private static Owner afterDeath(Owner owner) {
    return owner == Owner.DEAF ? Owner.ORPHAN : Owner.NOBODY;
  }
}
