package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.spi.RnicArrival;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A connection in RDMA mode that comes from another process, complete and silent here: its regions
 * are registered, and work that had not begun is posted. For one thread at a time.
 */
public final class MigratedConnection implements Arrival<MovableConnection> {
  private final RnicArrival arrival;
  private final MovableConnection connection;

  private MigratedConnection(RnicArrival arrival, MovableConnection connection) {
    this.arrival = arrival;
    this.connection = connection;
  }

  /**
   * Prepares it.
   *
   * @param memory of its regions, by STag, with the contents that they had
   * @param released told of each STag whose memory is needed no more; of none when this throws
   * @param onClosed told when the application needs the connection no more
   * @throws TransferException when the RNIC does not take it; nothing is left there
   */
  public static MigratedConnection prepare(
      OpenRnic owner,
      IwarpConnectionDescriptor descriptor,
      Map<Integer, MemorySegment> memory,
      Consumer<Integer> released,
      Consumer<MovableConnection> onClosed)
      throws TransferException {
    RnicArrival arrival =
        owner
            .rnic()
            .arrive(
                descriptor,
                region -> {
                  MemorySegment segment = memory.get(region.stag());
                  if (segment == null) {
                    throw new IllegalStateException(
                        "STag [%08x] has come without its memory".formatted(region.stag()));
                  }
                  return segment;
                });
    MigratedConnection prepared = null;
    try {
      Reposting.post(descriptor, arrival);
      MovableConnection connection = new MovableConnection(owner, arrival.prepared(), onClosed);
      connection.adopt(arrival.regions(), memory, released);
      connection.carry(Unpolled.of(descriptor));
      prepared = new MigratedConnection(arrival, connection);
      return prepared;
    } catch (TransferException e) {
      throw e;
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE,
          Whereabouts.OLD_OWNER,
          "work that had not begun cannot be posted here: " + e.getMessage(),
          e);
    } finally {
      if (prepared == null) {
        arrival.abandon();
      }
    }
  }

  /** The application's regions, by STag. */
  public Map<Integer, MemoryRegion> regions() {
    return connection.regions();
  }

  @Override
  public MovableConnection activate() {
    arrival.activate();
    return connection;
  }

  @Override
  public void abandon() {
    arrival.abandon();
  }
}
