package dev.offramp.runtime.model;

import dev.offramp.runtime.model.World.Crash;
import dev.offramp.runtime.model.World.Owner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Explores every state that can be reached, breadth first, so that what it finds has the shortest
 * story. Then it looks from which states the end can be reached.
 */
final class Checker {
  /** What must hold. */
  enum Invariant {
    /** While the new owner speaks the old one is gone: even a frozen socket repeats things. */
    ONE_SPEAKER,
    /** The peer gets no RST, unless a process died or an owner broke its contract. */
    NO_RESET,
    /**
     * What one end has acknowledged the other has, and nothing is acknowledged that was not sent.
     */
    NOTHING_LOST,
    /** The application gets each octet once, in order. */
    READ_ONCE,
    /** Of a process that dies the kernel keeps no socket that cannot hear how the peer answers. */
    DEATH_IS_TOLD,
    /** From everywhere all octets can still arrive. */
    CAN_BE_COMPLETED
  }

  /**
   * What was found.
   *
   * @param states how many were reached
   * @param transitions how many ways lead from one to another
   * @param depth the longest shortest way
   * @param broken what does not hold; null when all does
   * @param story how it came to that
   */
  record Result(
      int states, long transitions, int depth, @Nullable Invariant broken, List<String> story) {}

  private final Protocol protocol;
  private final States states = new States();
  private final IntList from = new IntList();
  private final IntList to = new IntList();

  Checker(Protocol protocol) {
    this.protocol = protocol;
  }

  Result run() {
    states.add(World.start(), -1);
    int depth = 0;
    int levelEnd = 1;
    for (int i = 0; i < states.size(); i++) {
      if (i == levelEnd) {
        depth++;
        levelEnd = states.size();
      }
      World w = states.get(i);
      Invariant broken = broken(w);
      if (broken != null) {
        return new Result(states.size(), to.size(), depth, broken, story(i));
      }
      int here = i;
      protocol.next(
          w,
          (what, after) -> {
            int there = states.add(after, here);
            if (there != here) {
              from.add(here);
              to.add(there);
            }
          });
    }
    int stuck = stuck();
    return stuck < 0
        ? new Result(states.size(), to.size(), depth, null, List.of())
        : new Result(states.size(), to.size(), depth, Invariant.CAN_BE_COMPLETED, story(stuck));
  }

  private static @Nullable Invariant broken(World w) {
    if (w.old() != Owner.NOBODY && w.next() == Owner.RUNNING) {
      return Invariant.ONE_SPEAKER;
    }
    if (w.old() == Owner.ORPHAN) {
      return Invariant.DEATH_IS_TOLD;
    }
    boolean regular = w.crash() == Crash.NONE && !w.isExcused();
    if (w.isReset() && regular) {
      return Invariant.NO_RESET;
    }
    if (w.holder() == Owner.NOBODY && regular) {
      return Invariant.NOTHING_LOST;
    }
    if (!regular && w.holder() != Owner.RUNNING) {
      return null; // dead, or for ever silent
    }
    Tcp holder = w.holderTcp();
    Tcp peer = w.peer();
    if (peer.una() > holder.rcv()
        || holder.una() > peer.rcv()
        || peer.rcv() > holder.nxt()
        || holder.rcv() > peer.nxt()) {
      return Invariant.NOTHING_LOST;
    }
    return w.appRead() != holder.read() ? Invariant.READ_ONCE : null;
  }

  /** A state, after neither crash nor breach of contract, from which the end cannot be reached. */
  private int stuck() {
    boolean[] can = new boolean[states.size()];
    IntList work = new IntList();
    for (int i = 0; i < states.size(); i++) {
      if (protocol.isDone(states.get(i))) {
        can[i] = true;
        work.add(i);
      }
    }
    int[] start = new int[states.size() + 1];
    for (int i = 0; i < to.size(); i++) {
      start[to.get(i) + 1]++;
    }
    for (int i = 0; i < states.size(); i++) {
      start[i + 1] += start[i];
    }
    int[] sources = new int[to.size()];
    int[] fill = start.clone();
    for (int i = 0; i < to.size(); i++) {
      sources[fill[to.get(i)]++] = from.get(i);
    }
    for (int i = 0; i < work.size(); i++) {
      int at = work.get(i);
      for (int j = start[at]; j < start[at + 1]; j++) {
        if (!can[sources[j]]) {
          can[sources[j]] = true;
          work.add(sources[j]);
        }
      }
    }
    for (int i = 0; i < states.size(); i++) {
      World w = states.get(i);
      if (!can[i] && w.crash() == Crash.NONE && !w.isExcused()) {
        return i;
      }
    }
    return -1;
  }

  private List<String> story(int last) {
    List<String> story = new ArrayList<>();
    int at = last;
    while (at >= 0) {
      int before = states.predecessor(at);
      World here = states.get(at);
      story.add(before < 0 ? "at first: " + here : what(states.get(before), here) + ": " + here);
      at = before;
    }
    Collections.reverse(story);
    return story;
  }

  private String what(World before, World after) {
    List<String> found = new ArrayList<>();
    protocol.next(
        before,
        (what, next) -> {
          if (next.equals(after) && found.isEmpty()) {
            found.add(what);
          }
        });
    return found.isEmpty() ? "?" : found.getFirst();
  }
}
