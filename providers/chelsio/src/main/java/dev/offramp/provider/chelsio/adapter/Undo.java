package dev.offramp.provider.chelsio.adapter;

import java.util.ArrayDeque;
import java.util.Deque;

/** What has to be done to take back what was obtained, last first. For one thread. */
public final class Undo {
  private final Deque<Runnable> steps = new ArrayDeque<>();

  /** Nothing to take back. */
  public Undo() {}

  /** One more step, to be done before all earlier ones. */
  public void add(Runnable step) {
    steps.push(step);
  }

  /** Whether there is nothing to take back. */
  public boolean isEmpty() {
    return steps.isEmpty();
  }

  /** What was obtained stays. */
  public void forget() {
    steps.clear();
  }

  /**
   * Takes all back. A step that throws does not keep the others from being done.
   *
   * @param log told of steps that throw
   */
  public void run(System.Logger log) {
    while (!steps.isEmpty()) {
      try {
        steps.pop().run();
      } catch (RuntimeException e) {
        log.log(System.Logger.Level.WARNING, "a resource could not be given back", e);
      }
    }
  }
}
