package dev.offramp.provider.intel;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was obtained so far, and how to give it back: the latest first, and memory after all else,
 * for a device that keeps something may also use it. For one thread.
 */
final class Rollback {
  private final System.Logger log;
  private final Deque<Step> steps = new ArrayDeque<>();
  private final Deque<Step> memory = new ArrayDeque<>();

  /** Gives something back. */
  @FunctionalInterface
  interface Undo {
    void run() throws CommandException;
  }

  private record Step(String name, Undo undo) {}

  Rollback(System.Logger log) {
    this.log = log;
  }

  /** Notes how to give back what was just obtained. */
  void add(String name, Undo undo) {
    steps.push(new Step(name, undo));
  }

  /** Notes how to give memory back, when the device has been stopped. */
  void addMemory(String name, Undo undo) {
    memory.push(new Step(name, undo));
  }

  /** Gives all back. What fails is logged, and does not keep the rest. */
  void run() {
    run(steps);
    run(memory);
  }

  private void run(Deque<Step> some) {
    while (!some.isEmpty()) {
      Step step = some.pop();
      try {
        step.undo.run();
      } catch (CommandException e) {
        e.log(log, step.name);
      } catch (RuntimeException e) {
        log.log(System.Logger.Level.WARNING, step.name + ": " + e.getMessage());
      }
    }
  }
}
