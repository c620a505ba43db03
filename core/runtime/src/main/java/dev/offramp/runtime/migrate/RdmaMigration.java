package dev.offramp.runtime.migrate;

import dev.offramp.api.Offramp;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.DescriptorFormatException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.runtime.move.ConnectionMover;
import dev.offramp.runtime.move.MigratedConnection;
import dev.offramp.runtime.move.MigrationHost;
import dev.offramp.runtime.move.MovableConnection;
import dev.offramp.runtime.move.OpenRnic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Connections in RDMA mode leave for another process and come from one, each with the contents of
 * its registered memory, work that had not completed, and completions that nobody had polled. Safe
 * for use by several threads.
 *
 * <p>The contents travel while the connection stands still, since its peer may write to them until
 * then: so the pause grows with the memory. What the application itself writes to a region
 * meanwhile may or may not travel.
 *
 * <p>STags and tagged offsets stay, so the peer notices a pause and no more. Where the receiving
 * RNIC has one of the STags already it refuses.
 */
public final class RdmaMigration {
  private final MigrationHost host;

  private RdmaMigration(MigrationHost host) {
    this.host = host;
  }

  /**
   * What leads the peer's segments to the other process, which is ready and silent by then. What it
   * throws undoes the move.
   */
  @FunctionalInterface
  public interface Takeover {
    void lead() throws IOException;
  }

  /**
   * A connection that has come.
   *
   * @param connection running; its completions begin with those that nobody had polled
   * @param regions by STag, with their contents; those that the application had closed are missing
   */
  public record Received(RdmaConnection connection, Map<Integer, MemoryRegion> regions) {
    public Received {
      regions = Map.copyOf(regions);
    }

    /**
     * One of the regions.
     *
     * @throws IllegalArgumentException when none has come with this STag
     */
    public MemoryRegion region(int stag) {
      MemoryRegion region = regions.get(stag);
      if (region == null) {
        throw new IllegalArgumentException(
            "seen STag [%08x], expected one that has come along".formatted(stag));
      }
      return region;
    }
  }

  /**
   * What is accepted of a sender, who has the key.
   *
   * @param memoryBytes of all regions together; looked at before any is allocated
   * @param timeout for each message
   */
  public record Limits(long memoryBytes, Duration timeout) {
    public Limits {
      if (memoryBytes < 0 || timeout.isNegative()) {
        throw new IllegalArgumentException(
            "limits: seen [" + memoryBytes + "] and [" + timeout + "], expected 0 or more");
      }
    }
  }

  /**
   * Migration from and to an Offramp.
   *
   * @throws IllegalArgumentException when it is none of this runtime's
   */
  public static RdmaMigration of(Offramp offramp) {
    if (offramp instanceof MigrationHost host) {
      return new RdmaMigration(host);
    }
    throw new IllegalArgumentException(
        "seen [" + offramp.getClass() + "], expected what Offramp.open() gives");
  }

  /**
   * Sends a connection to another process. When this returns it runs there, and has ended here as
   * {@link dev.offramp.api.rdma.StreamEnd.Migrated}: its regions are to be closed, and nothing more
   * completes.
   *
   * @param to greeted, and used for this connection only
   * @throws TransferException says where the connection is now. {@link
   *     dev.offramp.api.transfer.Whereabouts#LOST} when the other process was told to begin and has
   *     not said that it has: it may have. Its work completes as flushed here then
   */
  public void send(RdmaConnection connection, RemoteOwner to, Takeover takeover)
      throws TransferException {
    MovableConnection own = host.own(connection);
    host.mover()
        .migrate(
            own,
            new OtherProcess(to, own),
            arrival -> {
              takeover.lead();
              to.confirm();
            });
    host.gone(own);
  }

  /**
   * Takes a connection over. Until the sender says that the old owner has let go it is silent here,
   * and it is forgotten, with its memory, when the channel ends before.
   *
   * @param channel connected to the sender; closed when this returns
   * @param key what both processes have
   * @param rnic the RNIC that is to have it, as in {@link dev.offramp.api.OfframpOptions#rnic}
   * @throws MigrationException when the sender is none, or gives up; {@link
   *     MigrationException.Reason#TOO_LARGE} for more memory than is allowed
   * @throws TransferException when the RNIC refuses the connection; the sender has been told, and
   *     it goes on there
   */
  public Received receive(SocketChannel channel, PreSharedKey key, String rnic, Limits limits)
      throws IOException {
    try (SecureLink link =
        SecureLink.open(channel, SecureLink.Role.RECEIVER, key, limits.timeout())) {
      Arriving arriving = prepare(link, rnic, limits.memoryBytes());
      Map<Integer, MemoryRegion> regions = arriving.connection.regions();
      RdmaConnection connection =
          MigrationReceiver.takeOver(
              link, arriving, running -> host.arrived(running, arriving.descriptor));
      return new Received(connection, regions);
    }
  }

  private Arriving prepare(SecureLink link, String rnic, long limitBytes) throws IOException {
    SecureLink.Message ask = link.receive();
    MigrationReceiver.require(MessageType.ASK_NEEDS, ask);
    MemoryReceiver memory = null;
    Arriving arriving = null;
    try {
      OpenRnic owner = host.rnicInService(rnic);
      Admitting admitting = new Admitting(owner);
      host.coordinator().requireAdmission(ProfileForm.decode(ask.payload()), admitting);
      link.send(
          MessageType.NEEDS,
          new RdmaNeeds(limitBytes, ConnectionMover.needs(owner.rnic())).encode());
      SecureLink.Message offer = link.receive();
      MigrationReceiver.require(MessageType.OFFER, offer);
      IwarpConnectionDescriptor descriptor = IwarpConnectionDescriptor.fromBytes(offer.payload());
      SecureLink.Message plan = link.receive();
      MigrationReceiver.require(MessageType.PLAN, plan);
      host.coordinator().requireAdmission(ConnectionProfile.of(descriptor), admitting);
      memory = allocate(descriptor, MemoryPlan.decode(plan.payload()), limitBytes);
      link.send(MessageType.ALLOCATED, ByteBuffer.allocate(0));
      memory.fill(link::receive);
      MemoryReceiver filled = memory;
      arriving =
          new Arriving(
              descriptor,
              memory,
              MigratedConnection.prepare(
                  owner, descriptor, memory.regions(), filled::released, host::gone));
      return arriving;
    } catch (TransferException | DescriptorFormatException | RuntimeException e) {
      refuse(link, e);
      throw e;
    } catch (MigrationException e) {
      if (e.reason() == MigrationException.Reason.TOO_LARGE
          || e.reason() == MigrationException.Reason.PROTOCOL) {
        refuse(link, e);
      }
      throw e;
    } finally {
      if (arriving == null && memory != null) {
        memory.discard();
      }
    }
  }

  /** The end of the channel would say the same, without a reason. */
  private static void refuse(SecureLink link, Exception why) {
    try {
      link.send(MessageType.REFUSED, RefusalForm.encode(why));
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private static MemoryReceiver allocate(
      IwarpConnectionDescriptor descriptor, MemoryPlan plan, long limitBytes) throws IOException {
    List<RegisteredMemory> regions = regions(descriptor);
    plan.require(regions, limitBytes);
    try {
      return MemoryReceiver.allocate(plan, regions);
    } catch (OutOfMemoryError e) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_RESOURCES,
                  "registered memory of " + plan.areaBytes() + " bytes",
                  "as much as can be allocated there",
                  "give the receiving process more memory")));
    }
  }

  private static List<RegisteredMemory> regions(IwarpConnectionDescriptor descriptor) {
    return descriptor.get(DescriptorFields.REGIONS).orElse(List.of());
  }

  /** A connection on its way in, with its memory. */
  private static final class Arriving implements Arrival<MovableConnection> {
    private final IwarpConnectionDescriptor descriptor;
    private final MemoryReceiver memory;
    private final MigratedConnection connection;

    Arriving(
        IwarpConnectionDescriptor descriptor,
        MemoryReceiver memory,
        MigratedConnection connection) {
      this.descriptor = descriptor;
      this.memory = memory;
      this.connection = connection;
    }

    @Override
    public MovableConnection activate() {
      return connection.activate();
    }

    @Override
    public void abandon() {
      connection.abandon();
      memory.discard();
    }
  }

  /** The receiving RNIC, as far as admission goes. */
  private record Admitting(OpenRnic owner) implements StateTransfer<RdmaConnection> {
    @Override
    public String ownerName() {
      return owner.rnic().ownerName();
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return ConnectionMover.admission(owner.rnic(), profile);
    }

    @Override
    public Departure depart(RdmaConnection known) throws TransferException {
      return owner.rnic().depart(known);
    }

    @Override
    public Arrival<RdmaConnection> arrive(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      return owner.rnic().arrive(descriptor);
    }
  }
}
