package dev.offramp.api.failover;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * What a failover came to. Immutable, but for the connections in it.
 *
 * @param rnic which RNIC was left
 * @param cause why: what a device said, or that somebody asked for it
 * @param movedTo how many connections each RNIC has taken, by its name
 * @param ended connections that ended by themselves before their turn
 * @param unmoved those that could not be moved, and why
 * @param pauses how long the moved ones stood still
 * @param nanos how long all of it took
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record FailoverReport(
    String rnic,
    String cause,
    Map<String, Integer> movedTo,
    int ended,
    List<Unmoved> unmoved,
    Pauses pauses,
    long nanos) {
  public FailoverReport {
    movedTo = Map.copyOf(movedTo);
    unmoved = List.copyOf(unmoved);
  }

  /** Connections that are at another RNIC now. */
  public int moved() {
    return movedTo.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * A connection that could not be moved.
   *
   * @param connection the connection
   * @param whereabouts where it is now
   * @param refusals what stood in the way, by the name of each RNIC that was tried; empty when none
   *     could be opened
   */
  public record Unmoved(
      RdmaConnection connection, Whereabouts whereabouts, Map<String, TransferException> refusals) {
    public Unmoved {
      refusals = Map.copyOf(refusals);
    }
  }

  /**
   * Pauses of connections: from the stop at the old owner until the new one runs. All zero when
   * nothing was moved.
   *
   * @param medianNanos half of them were shorter
   * @param p99Nanos 99 % were
   * @param maxNanos the longest
   */
  public record Pauses(long medianNanos, long p99Nanos, long maxNanos) {
    /** From single values, nearest rank. */
    public static Pauses of(long... nanos) {
      if (nanos.length == 0) {
        return new Pauses(0, 0, 0);
      }
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      return new Pauses(rank(sorted, 50), rank(sorted, 99), sorted[sorted.length - 1]);
    }

    private static long rank(long[] sorted, int percent) {
      return sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
    }
  }
}
