package dev.offramp.runtime.move;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.runtime.transfer.TransferCoordinator;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/** Moves connections between RNICs by the coordinator's two phases. Safe for many threads. */
public final class ConnectionMover {
  private static final Duration UNLIMITED = Duration.ofNanos(Long.MAX_VALUE);

  private final TransferCoordinator coordinator;
  private final Duration quietTimeout;
  private final MoveEvents events;

  /**
   * A mover.
   *
   * @param quietTimeout how long bringing a connection to rest may take, where the new owner needs
   *     that
   */
  public ConnectionMover(TransferCoordinator coordinator, Duration quietTimeout) {
    this(coordinator, quietTimeout, MoveEvents.NONE);
  }

  /**
   * A mover that tells of what it has done.
   *
   * @param quietTimeout as above
   */
  public ConnectionMover(
      TransferCoordinator coordinator, Duration quietTimeout, MoveEvents events) {
    this.coordinator = coordinator;
    this.quietTimeout = quietTimeout;
    this.events = events;
  }

  /**
   * Moves a connection; its application waits meanwhile, in whatever it does.
   *
   * @throws TransferException says where the connection is now; when it is lost, its work has been
   *     flushed, and the peer is told
   */
  public void move(MovableConnection connection, OpenRnic to) throws TransferException {
    move(connection, to, Duration.ZERO, UNLIMITED);
  }

  /**
   * The same, but waits for a registration or another move that is in progress, and gives up when
   * the connection would stand still for too long.
   *
   * @param limit how long each of these may take; the move is undone when it is over before the old
   *     owner has let go
   * @return how long the connection stood still, in ns
   * @throws TransferException as the other one
   */
  public long move(MovableConnection connection, OpenRnic to, Duration limit)
      throws TransferException {
    return move(connection, to, limit, limit);
  }

  private long move(MovableConnection connection, OpenRnic to, Duration wait, Duration pauseLimit)
      throws TransferException {
    if (connection.registering().isHeldByCurrentThread()) {
      throw inUse("a thread that is moving this connection", "another one");
    }
    if (!isLocked(connection.registering(), wait)) {
      throw inUse("another move, or a registration, in progress", "one at a time");
    }
    connection.moving(true);
    try {
      return moveAlone(connection, to, pauseLimit);
    } finally {
      connection.moving(false);
      connection.registering().unlock();
    }
  }

  /**
   * Moves a connection to another process; its application here finds it ended as {@link
   * dev.offramp.api.rdma.StreamEnd.Migrated}.
   *
   * @param to the other process, which is sent the regions' memory when it is asked to prepare
   * @param beforeRelease called when it is ready and silent; what it throws undoes the move
   * @throws TransferException says where the connection is now; when it is lost, its work has been
   *     flushed
   */
  public void migrate(
      MovableConnection connection,
      Destination to,
      TransferCoordinator.Preparation<String> beforeRelease)
      throws TransferException {
    if (connection.registering().isHeldByCurrentThread()) {
      throw inUse("a thread that is moving this connection", "another one");
    }
    if (!isLocked(connection.registering(), Duration.ZERO)) {
      throw inUse("another move, or a registration, in progress", "one at a time");
    }
    connection.moving(true);
    try {
      migrateAlone(connection, to, beforeRelease);
    } finally {
      connection.moving(false);
      connection.registering().unlock();
    }
  }

  private void migrateAlone(
      MovableConnection connection,
      Destination to,
      TransferCoordinator.Preparation<String> beforeRelease)
      throws TransferException {
    Place at = connection.place();
    Rnic from = at.owner().rnic();
    ConnectionProfile profile = profile(at, TcpResidence.NEW_OWNER);
    DepartureNeeds needs =
        new DepartureNeeds(TcpResidence.NEW_OWNER, to.needs(profile), quietTimeout);
    coordinator.requireAdmission(profile, to);
    TransferCoordinator.RecordedDeparture stopped =
        coordinator.depart(
            profile,
            from.ownerName(),
            to,
            () -> connection.withCarried(from.depart(at.connection(), needs)));
    IwarpConnectionDescriptor descriptor = stopped.departure().descriptor();
    try {
      String there =
          coordinator.move(stopped, from.ownerName(), UnaryOperator.identity(), to, beforeRelease);
      connection.migrated(there);
    } catch (TransferException e) {
      if (e.whereabouts() == Whereabouts.LOST) {
        connection.lost(descriptor, String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private static boolean isLocked(ReentrantLock lock, Duration wait) {
    try {
      return lock.tryLock() || (!wait.isZero() && lock.tryLock(wait.toNanos(), NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static TransferException inUse(String seen, String expected) {
    return TransferException.refused(
        TransferStep.EXCLUDE,
        List.of(new Refusal(RefusalReason.CHANNEL_IN_USE, seen, expected, "try again afterwards")));
  }

  private long moveAlone(MovableConnection connection, OpenRnic to, Duration pauseLimit)
      throws TransferException {
    Place at = connection.place();
    OpenRnic from = at.owner();
    if (from.equals(to)) {
      throw inUse("a move to [" + to.name() + "], where the connection is", "another RNIC");
    }
    DepartureNeeds needs = needs(from, to, pauseLimit);
    Target target = new Target(to.rnic(), connection);
    ConnectionProfile profile = profile(at, needs.residence());
    coordinator.requireAdmission(profile, target);
    long start = System.nanoTime();
    TransferCoordinator.RecordedDeparture stopped;
    try {
      stopped =
          coordinator.depart(
              profile,
              from.rnic().ownerName(),
              target,
              () -> from.rnic().depart(at.connection(), needs));
    } catch (TransferException e) {
      tellPeer(connection, needs, e);
      throw e;
    }
    IwarpConnectionDescriptor descriptor = stopped.departure().descriptor();
    AtomicReference<RnicArrival> arrived = new AtomicReference<>();
    try {
      RdmaConnection there =
          coordinator.move(
              stopped,
              from.rnic().ownerName(),
              UnaryOperator.identity(),
              target,
              arrival -> {
                arrived.set((RnicArrival) arrival);
                Reposting.post(descriptor, (RnicArrival) arrival);
                requireWithin(pauseLimit, System.nanoTime() - start);
              });
      connection.moved(to, there, arrived.get().regions(), descriptor);
      events.arrived(connection, descriptor);
      return System.nanoTime() - start;
    } catch (TransferException e) {
      if (e.whereabouts() == Whereabouts.LOST) {
        connection.lost(descriptor, String.valueOf(e.getMessage()));
        tellPeer(connection, needs, e);
      }
      throw e;
    }
  }

  /** Within one stack the socket is still there, and whoever has it last ends it with RST. */
  private void tellPeer(MovableConnection connection, DepartureNeeds needs, TransferException why) {
    if (why.whereabouts() == Whereabouts.LOST && needs.residence() == TcpResidence.NEW_OWNER) {
      events.lost(connection);
    }
  }

  /** The last moment at which a move can be undone. */
  private static void requireWithin(Duration limit, long tookNanos) throws TransferException {
    if (tookNanos > limit.toNanos()) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.PAUSE_LIMIT,
                  "a pause of " + tookNanos / 1_000 + " us so far",
                  "at most " + limit.toNanos() / 1_000 + " us",
                  "allow more, or move fewer connections at once")));
    }
  }

  /** What has to be at rest in a connection that arrives at an RNIC. */
  public static Set<Quiet> needs(Rnic rnic) {
    Set<Quiet> quiet = EnumSet.noneOf(Quiet.class);
    quiet.addAll(rnic.arrivalNeeds());
    if (rnic.capabilities().needsDrainedSendQueue()) {
      quiet.add(Quiet.SENT_ACKNOWLEDGED);
    }
    return quiet;
  }

  private DepartureNeeds needs(OpenRnic from, OpenRnic to, Duration pauseLimit) {
    return new DepartureNeeds(
        from.sharesStackWith(to) ? TcpResidence.HOST_STACK : TcpResidence.NEW_OWNER,
        needs(to.rnic()),
        pauseLimit.compareTo(quietTimeout) < 0 ? pauseLimit : quietTimeout);
  }

  /** What an RNIC says to a connection that is to arrive there, at rest or not. */
  public static Admission admission(Rnic rnic, ConnectionProfile profile) {
    Admission own = rnic.admits(profile);
    if (profile.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.RDMA) != IwarpPhase.RDMA) {
      return own;
    }
    List<Refusal> refusals = new ArrayList<>(own.refusals());
    refusals.addAll(Quiet.refusals(rnic.arrivalNeeds(), profile));
    return refusals.isEmpty() ? own : Admission.refused(refusals);
  }

  private static ConnectionProfile profile(Place at, TcpResidence residence) {
    ConnectionProfile known = at.owner().rnic().profile(at.connection());
    return new ConnectionProfile(
        known.facts().toBuilder()
            .derived(DescriptorFields.TCP_RESIDENCE, residence, "both owners' stacks")
            .build(),
        known.unreadBytes(),
        known.unacknowledgedBytes(),
        known.unsentBytes(),
        known.obstacles());
  }

  /** The new owner, which finds the regions' memory at the application. */
  private record Target(Rnic rnic, MovableConnection connection)
      implements StateTransfer<RdmaConnection> {
    @Override
    public String ownerName() {
      return rnic.ownerName();
    }

    @Override
    public Admission admits(ConnectionProfile profile) {
      return admission(rnic, profile);
    }

    @Override
    public Departure depart(RdmaConnection known) throws TransferException {
      return rnic.depart(known);
    }

    @Override
    public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
      return rnic.arrive(descriptor, connection::memoryOf);
    }
  }
}
