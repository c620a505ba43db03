package dev.offramp.runtime.model;

import java.util.List;

/**
 * One state of everything.
 *
 * @param node where the coordinator is in its program
 * @param step how many steps of that call are done
 * @param crash what has crashed
 * @param old the old owner
 * @param next the new owner
 * @param toNew whether the peer's segments reach the new owner's place
 * @param guard whether RSTs are swallowed
 * @param ledAway whether the coordinator has begun to lead segments away
 * @param isDescribed whether there is a descriptor
 * @param isExcused whether an owner broke its contract, so that the connection may die
 * @param isReset whether the peer has got a RST
 * @param appRead octets that the application has in fact got
 * @param toPeer segments on their way, a bit for each
 * @param toOwner segments on their way
 * @param oldTcp the old owner's numbers
 * @param newTcp the new owner's
 * @param described what the descriptor says
 * @param peer the peer's numbers
 */
record World(
    int node,
    int step,
    Crash crash,
    Owner old,
    Owner next,
    boolean toNew,
    boolean guard,
    boolean ledAway,
    boolean isDescribed,
    boolean isExcused,
    boolean isReset,
    int appRead,
    int toPeer,
    int toOwner,
    Tcp oldTcp,
    Tcp newTcp,
    Tcp described,
    Tcp peer) {
  /** What became of a process. */
  enum Crash {
    NONE,
    /** The coordinator's, with the old owner's socket. */
    OF_THE_OLD,
    /** The new owner's. */
    OF_THE_NEW,
    /** The one in which all of it is. */
    OF_BOTH
  }

  /** What an owner may do. */
  enum Owner {
    /** Has no socket for the 4-tuple. */
    NOBODY,
    /** Hears and speaks. */
    RUNNING,
    /** Hears and speaks, and is in repair. */
    IN_REPAIR,
    /** Hears nothing, still speaks, and is in repair. */
    FENCED,
    /** Hears nothing, still speaks, and is not in repair. */
    DEAF,
    /** Hears nothing, and says nothing that it has not said before; in repair. */
    SILENT,
    /** The kernel's: it was {@link #DEAF} when its process died, and repeats itself. */
    ORPHAN;

    boolean hears() {
      return this == RUNNING || this == IN_REPAIR;
    }

    boolean speaks() {
      return hears() || this == FENCED || this == DEAF;
    }
  }

  static World start() {
    return new World(
        0,
        0,
        Crash.NONE,
        Owner.RUNNING,
        Owner.NOBODY,
        false,
        false,
        false,
        false,
        false,
        false,
        0,
        0,
        0,
        Tcp.START,
        Tcp.START,
        Tcp.START,
        Tcp.START);
  }

  /** All but the numbers of the ends. */
  long packed() {
    long bits = node;
    bits = bits << 3 | step;
    bits = bits << 2 | List.of(Crash.values()).indexOf(crash);
    bits = bits << 3 | List.of(Owner.values()).indexOf(old);
    bits = bits << 3 | List.of(Owner.values()).indexOf(next);
    for (boolean flag : new boolean[] {toNew, guard, ledAway, isDescribed, isExcused, isReset}) {
      bits = bits << 1 | (flag ? 1 : 0);
    }
    bits = bits << 2 | appRead;
    bits = bits << Tcp.Segment.COUNT | toPeer;
    return bits << Tcp.Segment.COUNT | toOwner;
  }

  /** The numbers of all ends. */
  long numbers() {
    return oldTcp.packed()
        | (long) newTcp.packed() << 8
        | (long) described.packed() << 16
        | (long) peer.packed() << 24;
  }

  static World unpacked(long packed, long numbers) {
    long bits = packed;
    int mask = (1 << Tcp.Segment.COUNT) - 1;
    int toOwner = (int) bits & mask;
    bits >>= Tcp.Segment.COUNT;
    int toPeer = (int) bits & mask;
    bits >>= Tcp.Segment.COUNT;
    int appRead = (int) bits & 3;
    bits >>= 2;
    boolean[] flags = new boolean[6];
    for (int i = 5; i >= 0; i--) {
      flags[i] = (bits & 1) != 0;
      bits >>= 1;
    }
    Owner next = Owner.values()[(int) bits & 7];
    Owner old = Owner.values()[(int) (bits >> 3) & 7];
    Crash crash = Crash.values()[(int) (bits >> 6) & 3];
    bits >>= 8;
    return new World(
        (int) (bits >> 3),
        (int) bits & 7,
        crash,
        old,
        next,
        flags[0],
        flags[1],
        flags[2],
        flags[3],
        flags[4],
        flags[5],
        appRead,
        toPeer,
        toOwner,
        Tcp.unpacked((int) numbers & 0xFF),
        Tcp.unpacked((int) (numbers >> 8) & 0xFF),
        Tcp.unpacked((int) (numbers >> 16) & 0xFF),
        Tcp.unpacked((int) (numbers >> 24) & 0xFF));
  }

  /** Who has the connection's state: whoever speaks, or will, or is stopped with it. */
  Owner holder() {
    return isAtNew() ? next : old;
  }

  Tcp holderTcp() {
    return isAtNew() ? newTcp : oldTcp;
  }

  private boolean isAtNew() {
    return next == Owner.RUNNING || (old == Owner.NOBODY && next != Owner.NOBODY);
  }

  World with(Change change) {
    Builder builder = new Builder(this);
    change.apply(builder);
    return builder.build();
  }

  /** Something that happens. */
  @FunctionalInterface
  interface Change {
    void apply(Builder to);
  }

  /** A state that is being changed. */
  static final class Builder {
    int node;
    int step;
    Crash crash;
    Owner old;
    Owner next;
    boolean toNew;
    boolean guard;
    boolean ledAway;
    boolean isDescribed;
    boolean isExcused;
    boolean isReset;
    int appRead;
    int toPeer;
    int toOwner;
    Tcp oldTcp;
    Tcp newTcp;
    Tcp described;
    Tcp peer;

    Builder(World w) {
      node = w.node;
      step = w.step;
      crash = w.crash;
      old = w.old;
      next = w.next;
      toNew = w.toNew;
      guard = w.guard;
      ledAway = w.ledAway;
      isDescribed = w.isDescribed;
      isExcused = w.isExcused;
      isReset = w.isReset;
      appRead = w.appRead;
      toPeer = w.toPeer;
      toOwner = w.toOwner;
      oldTcp = w.oldTcp;
      newTcp = w.newTcp;
      described = w.described;
      peer = w.peer;
    }

    /** What no one can see any more is told in one way. */
    World build() {
      if (old == Owner.NOBODY) {
        oldTcp = Tcp.START;
      }
      if (next == Owner.NOBODY) {
        newTcp = Tcp.START;
      } else {
        described = Tcp.START;
        isDescribed = false;
      }
      if (crash == Crash.OF_THE_OLD || crash == Crash.OF_BOTH) {
        node = 0;
        step = 0;
        described = Tcp.START;
        isDescribed = false;
      }
      return new World(
          node,
          step,
          crash,
          old,
          next,
          toNew,
          guard,
          ledAway,
          isDescribed,
          isExcused,
          isReset,
          appRead,
          toPeer,
          toOwner,
          oldTcp,
          newTcp,
          described,
          peer);
    }
  }

  @Override
  public String toString() {
    return "old "
        + old
        + " "
        + numbers(oldTcp)
        + ", new "
        + next
        + " "
        + numbers(newTcp)
        + ", peer "
        + numbers(peer)
        + (isReset ? " RESET" : "")
        + ", segments to the "
        + (toNew ? "new" : "old")
        + (guard ? ", guarded" : "")
        + (crash == Crash.NONE ? "" : ", crash " + crash);
  }

  private static String numbers(Tcp tcp) {
    return "[" + tcp.una() + tcp.nxt() + "/" + tcp.rcv() + tcp.read() + "]";
  }
}
