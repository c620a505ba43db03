package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.checker.qual.FromIpStack;
import dev.offramp.checker.qual.SequenceNumber;
import dev.offramp.iwarp.rdmap.StreamState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the software RNIC that is stopped: nobody can post, poll or move bytes, and TCP
 * stands still. The engine can stop wherever it is, so there is little to wait for: octets of an
 * FPDU that is not complete go back to those that TCP has received, and FPDUs that TCP has not
 * taken become unsent bytes.
 */
final class SoftDeparture implements Departure {
  private static final String ENGINE = "the RDMAP engine";
  private static final long UINT32 = 0xFFFF_FFFFL;

  private final SoftConnection connection;
  private final StreamPump pump;
  private final Departure port;
  private final IwarpConnectionDescriptor descriptor;
  private State state = State.STOPPED;

  private SoftDeparture(
      SoftConnection connection,
      StreamPump pump,
      Departure port,
      IwarpConnectionDescriptor descriptor) {
    this.connection = connection;
    this.pump = pump;
    this.port = port;
    this.descriptor = descriptor;
  }

  static SoftDeparture of(SoftConnection connection, DepartureNeeds needs)
      throws TransferException {
    StreamPump pump = Quiescence.stop(connection, needs);
    Departure port = null;
    SoftDeparture departure = null;
    try {
      StreamState engine = connection.stream().state();
      port = pump.port().depart(needs);
      departure = new SoftDeparture(connection, pump, port, describe(connection, engine, port));
      return departure;
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new TransferException(
          TransferStep.DESCRIBE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
    } finally {
      if (departure == null) {
        goOn(connection, pump, port);
      }
    }
  }

  private static IwarpConnectionDescriptor describe(
      SoftConnection connection, StreamState engine, Departure port) {
    IwarpConnectionDescriptor tcp = port.descriptor();
    IwarpConnectionDescriptor.Builder b = tcp.toBuilder();
    connection.setup().describe(b);
    engine.describe(b);
    Octets unread = engine.unconsumed().concat(octets(tcp, DescriptorFields.UNREAD));
    Octets unsent = octets(tcp, DescriptorFields.UNSENT).concat(engine.unwritten());
    b.derived(DescriptorFields.UNREAD, unread, "not taken by the engine, then unread at TCP")
        .derived(DescriptorFields.UNSENT, unsent, "unsent at TCP, then FPDUs not written")
        .put(
            DescriptorFields.MPA_SEND_START,
            start(
                tcp.get(DescriptorFields.SND_MAX),
                unsent.length() - engine.position().sentOctets()))
        .put(
            DescriptorFields.MPA_RECEIVE_START,
            start(
                tcp.get(DescriptorFields.RCV_NXT),
                -unread.length() - engine.position().receivedOctets()))
        .present(DescriptorFields.REGIONS, regions(connection, engine), ENGINE);
    return b.build();
  }

  private static Octets octets(IwarpConnectionDescriptor d, FieldKey<@FromIpStack Octets> key) {
    return d.get(key).orElse(Octets.empty());
  }

  private static Field<@FromIpStack @SequenceNumber Long> start(
      Field<@FromIpStack @SequenceNumber Long> sequence, long distance) {
    return sequence.isKnown()
        ? Field.derived(sequence.value() + distance & UINT32, "TCP's sequence less FPDU octets")
        : Field.absent("TCP stays where it is");
  }

  /** Those that work names although they were closed meanwhile are in it, as revoked ones. */
  private static List<RegisteredMemory> regions(SoftConnection connection, StreamState engine) {
    Map<Integer, RegisteredMemory> regions = new LinkedHashMap<>();
    connection.describeRegions().forEach(region -> regions.put(region.stag(), region));
    engine.regions().forEach(region -> regions.putIfAbsent(region.stag(), region));
    return List.copyOf(regions.values());
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void steerAway() throws TransferException {
    requireStopped();
    port.steerAway();
  }

  @Override
  public void steerBack() throws TransferException {
    port.steerBack();
  }

  @Override
  public void release() {
    requireStopped();
    state = State.RELEASED;
    try {
      port.release();
    } finally {
      connection.left();
    }
  }

  private void requireStopped() {
    if (state != State.STOPPED) {
      throw new IllegalStateException("already " + state);
    }
  }

  @Override
  public void resume() throws TransferException {
    if (state == State.RELEASED) {
      throw new IllegalStateException("already released");
    }
    close();
  }

  @Override
  public void close() throws TransferException {
    if (state != State.STOPPED) {
      return;
    }
    state = State.RESUMED;
    try {
      port.resume();
    } catch (TransferException e) {
      if (e.whereabouts() != Whereabouts.OLD_OWNER) {
        // Threads wait for this connection: better that they learn of its end.
        end(connection, pump, e);
      }
      throw e;
    } finally {
      Quiescence.goOn(connection);
    }
  }

  private static void goOn(SoftConnection connection, StreamPump pump, @Nullable Departure port) {
    try {
      if (port != null) {
        port.close();
      }
    } catch (TransferException e) {
      if (e.whereabouts() != Whereabouts.OLD_OWNER) {
        end(connection, pump, e);
      }
    } finally {
      Quiescence.goOn(connection);
    }
  }

  private static void end(SoftConnection connection, StreamPump pump, TransferException why) {
    connection.serving().enterAnyway();
    try {
      pump.fail(new StreamEnd.Failed("stopped for a move, and not resumed: " + why.getMessage()));
    } finally {
      connection.serving().exit();
    }
  }

  private enum State {
    STOPPED,
    RESUMED,
    RELEASED
  }
}
