package dev.offramp.cli.demo;

import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferListener;
import dev.offramp.runtime.transfer.TransferCoordinator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Tries again and again to move a connection that is busy to an owner that refuses. */
final class RefusedMoves {
  private static final int ATTEMPTS = 25;
  private static final long PAUSE_NANOS = 2_000_000;

  private final long[] frozenNanos = new long[ATTEMPTS];
  private int attempts;
  private String refusal = "";

  /** Stops a connection. */
  @FunctionalInterface
  interface Departing {
    Departure depart() throws TransferException;
  }

  /**
   * Tries until the traffic is over or often enough.
   *
   * @param owner the name of the owner that always gets the connection back
   * @throws TransferException when the connection did not go on at its old owner
   */
  void run(Departing from, String owner, BooleanSupplier trafficGoesOn) throws TransferException {
    TransferCoordinator coordinator = new TransferCoordinator(Set.of(), TransferListener.NONE);
    while (attempts < ATTEMPTS && trafficGoesOn.getAsBoolean()) {
      long start = System.nanoTime();
      Departure departure = from.depart();
      try {
        coordinator.move(departure, owner, d -> d, new RefusingOwner(), arrival -> {});
        throw new AssertionError("a refusing owner took a connection");
      } catch (TransferException e) {
        if (e.refusals().isEmpty()) {
          throw e;
        }
        refusal = e.refusals().getFirst().toString();
      }
      frozenNanos[attempts++] = System.nanoTime() - start;
      // Lets traffic flow between two attempts; how long does not matter to the outcome.
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  Map<String, Object> toMap() {
    long[] sorted = Arrays.copyOf(frozenNanos, attempts);
    Arrays.sort(sorted);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("attempts", attempts);
    map.put("refusal", refusal);
    if (attempts > 0) {
      map.put("stopped_micros_median", sorted[attempts / 2] / 1000.0);
      map.put("stopped_micros_max", sorted[attempts - 1] / 1000.0);
    }
    return map;
  }
}
