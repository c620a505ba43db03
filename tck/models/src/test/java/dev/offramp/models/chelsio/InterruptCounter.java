package dev.offramp.models.chelsio;

import dev.offramp.models.Interrupts;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often each vector was raised. */
final class InterruptCounter implements Interrupts {
  private final Map<Integer, Integer> raised = new ConcurrentHashMap<>();

  @Override
  public void raise(int vector) {
    raised.merge(vector, 1, Integer::sum);
  }

  int count(int vector) {
    return raised.getOrDefault(vector, 0);
  }
}
