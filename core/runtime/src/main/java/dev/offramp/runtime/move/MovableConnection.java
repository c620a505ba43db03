package dev.offramp.runtime.move;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.MovableRegion;
import dev.offramp.spi.RnicException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection as an application has it: the same object at whichever owner it is. Every method
 * goes to the present owner; one that finds the connection gone waits until the move is over, and
 * goes to the next. Costs a volatile read.
 *
 * <p>Regions are registered with {@link #registering} held, which a move holds throughout: so it
 * finds the memory of every region that the old owner describes.
 */
public final class MovableConnection implements RdmaConnection {
  private static final long PAGE_BYTES = 4096;

  private final Consumer<MovableConnection> onClosed;
  private final Map<Integer, MovableRegion> regions = new ConcurrentHashMap<>();
  private final MovedCompletions completions = new MovedCompletions(this);
  private final ReentrantLock registering = new ReentrantLock();
  private final ReentrantLock settling = new ReentrantLock();
  private final Condition settled = settling.newCondition();
  private volatile Place place;

  /** A move is under way. Under {@link #settling}. */
  private boolean moving;

  private volatile @Nullable StreamEnd lost;

  /**
   * A connection.
   *
   * @param owner where it is
   * @param connection what the owner calls it
   * @param onClosed told when the application needs it no more; more than once, maybe
   */
  public MovableConnection(
      OpenRnic owner, RdmaConnection connection, Consumer<MovableConnection> onClosed) {
    this.place = new Place(owner, connection, RdmaCounters.ZERO);
    this.onClosed = onClosed;
  }

  /** The RNIC that it is at. */
  public OpenRnic owner() {
    return place.owner();
  }

  /**
   * Tells the owner what the host has decided anew; see {@link dev.offramp.spi.Rnic#update}.
   *
   * @param owner at which the connection was when that was decided
   * @throws RnicException when the owner does not take it
   * @throws ConnectionMovedException when the connection is elsewhere by now
   */
  public void update(OpenRnic owner, IwarpConnectionDescriptor cached) throws RnicException {
    Place at = place;
    if (!at.owner().equals(owner)) {
      throw new ConnectionMovedException(owner.name());
    }
    at.owner().rnic().update(at.connection(), cached);
  }

  Place place() {
    return place;
  }

  /** Held while regions are made, and during a move. */
  ReentrantLock registering() {
    return registering;
  }

  // ---- moving

  /**
   * The memory that stays where it is while its connection moves.
   *
   * @throws TransferException a refusal when the application has none for it
   */
  public MemorySegment memoryOf(RegisteredMemory region) throws TransferException {
    MovableRegion known = regions.get(region.stag());
    if (known == null) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_RESOURCES,
                  "STag [%08x], which its owner describes".formatted(region.stag()),
                  "a region of this connection",
                  "report a defect of [" + place.owner().name() + "]")));
    }
    return known.segment();
  }

  /** The memory of a region that may be revoked; empty when the application has closed it. */
  public Optional<MemorySegment> findMemory(int stag) {
    return Optional.ofNullable(regions.get(stag)).map(MovableRegion::segment);
  }

  /**
   * Regions that have come along from another process.
   *
   * @param there what the owner calls them, by STag
   * @param memory of those that the application gets
   * @param released told of each that it has closed
   */
  void adopt(
      Map<Integer, MemoryRegion> there,
      Map<Integer, MemorySegment> memory,
      Consumer<Integer> released) {
    memory.forEach((stag, segment) -> {
      MemoryRegion region = there.get(stag);
      if (region == null) {
        released.accept(stag);
        return;
      }
      regions.put(
          stag,
          new MovableRegion(
              region,
              segment,
              this::awaitMoveOver,
              () -> {
                regions.remove(stag);
                released.accept(stag);
              }));
    });
  }

  /** Completions that nobody had polled at an owner in another process come first. */
  void carry(List<Completion> completions) {
    this.completions.carry(completions);
  }

  /** What {@code stopped} describes, and the completions that are carried here already. */
  Departure withCarried(Departure stopped) {
    return DepartureWithCarried.of(stopped, completions.carryOff(), completions::carry);
  }

  /** The memory of all regions that the application has, by STag. */
  public Map<Integer, MemorySegment> memory() {
    Map<Integer, MemorySegment> memory = new HashMap<>();
    regions.forEach((stag, region) -> memory.put(stag, region.segment()));
    return memory;
  }

  /** The regions that the application has. */
  Map<Integer, MemoryRegion> regions() {
    return Map.copyOf(regions);
  }

  /** The connection is in another process: what it had to complete completes there. */
  void migrated(String owner) {
    settle(place, new StreamEnd.Migrated(owner));
  }

  /** The connection is at its new owner, running. */
  void moved(
      OpenRnic owner,
      RdmaConnection connection,
      Map<Integer, MemoryRegion> there,
      IwarpConnectionDescriptor descriptor) {
    regions.forEach((stag, region) -> {
      MemoryRegion next = there.get(stag);
      if (next != null) {
        region.moved(next);
      }
    });
    completions.carry(Unpolled.of(descriptor));
    settle(new Place(owner, connection, place.finalCounters()), null);
  }

  /** The connection has been released, and nobody has it: its work ends unfinished. */
  void lost(IwarpConnectionDescriptor descriptor, String reason) {
    completions.carry(Unpolled.of(descriptor));
    completions.carry(Unpolled.flushed(descriptor));
    settle(place, new StreamEnd.Failed(reason));
  }

  /** A move begins, or is over, well or not. */
  void moving(boolean begins) {
    settling.lock();
    try {
      moving = begins;
      settled.signalAll();
    } finally {
      settling.unlock();
    }
  }

  private void settle(Place next, @Nullable StreamEnd end) {
    settling.lock();
    try {
      lost = end;
      place = next;
      settled.signalAll();
    } finally {
      settling.unlock();
    }
  }

  /** Where the connection has gone from {@code left}; empty when it is lost. */
  Optional<Place> successor(Place left) {
    settling.lock();
    try {
      while (isAt(left) && lost == null) {
        settled.awaitUninterruptibly();
      }
      return lost == null ? Optional.of(place) : Optional.empty();
    } finally {
      settling.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // each move makes a place of its own
  private boolean isAt(Place which) {
    return place == which;
  }

  private Place next(Place left) throws ConnectionClosedException {
    return successor(left).orElseThrow(this::closed);
  }

  ConnectionClosedException closed() {
    StreamEnd end = lost;
    return new ConnectionClosedException(end == null ? new StreamEnd.ClosedLocally() : end);
  }

  boolean isLost() {
    return lost != null;
  }

  // ---- the application's

  @Override
  public InetSocketAddress localAddress() {
    return place.connection().localAddress();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return place.connection().remoteAddress();
  }

  @Override
  public String ownerName() {
    return place.connection().ownerName();
  }

  @Override
  public MpaResult mpa() {
    return place.connection().mpa();
  }

  @Override
  public Set<Operation> operations() {
    return place.connection().operations();
  }

  @Override
  public MemoryRegion register(MemorySegment segment, Access... access) {
    return register(segment, () -> {}, access);
  }

  /** The memory is this connection's own, and not its owner's: so it can stay when that changes. */
  @Override
  @SuppressWarnings("MustBeClosedChecker") // the region closes it
  public MemoryRegion allocate(long sizeBytes, Access... access) {
    Arena arena = Arena.ofShared();
    try {
      return register(arena.allocate(sizeBytes, PAGE_BYTES), arena::close, access);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private MemoryRegion register(MemorySegment segment, Runnable release, Access... access) {
    registering.lock();
    try {
      StreamEnd end = lost;
      if (end != null) {
        throw new IllegalStateException("the connection is lost: " + end);
      }
      // No move can begin meanwhile; one that the caller is inside of has its own regions already.
      MemoryRegion made = place.connection().register(segment, access);
      MovableRegion region =
          new MovableRegion(
              made,
              this::awaitMoveOver,
              () -> {
                regions.remove(made.stag());
                release.run();
              });
      regions.put(made.stag(), region);
      return region;
    } finally {
      registering.unlock();
    }
  }

  private void awaitMoveOver() {
    settling.lock();
    try {
      while (moving) {
        settled.awaitUninterruptibly();
      }
    } finally {
      settling.unlock();
    }
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    Place at = place;
    while (true) {
      try {
        at.connection().post(request);
        return;
      } catch (ConnectionMovedException e) {
        at = next(at);
      }
    }
  }

  @Override
  public int post(List<? extends WorkRequest> requests) throws ConnectionClosedException {
    Place at = place;
    while (true) {
      try {
        return at.connection().post(requests);
      } catch (ConnectionMovedException e) {
        at = next(at);
      }
    }
  }

  @Override
  public CompletionQueue completions() {
    return completions;
  }

  @Override
  public RdmaCounters counters() {
    return place.counters();
  }

  @Override
  public Optional<StreamEnd> end() {
    StreamEnd end = lost;
    return end != null ? Optional.of(end) : place.connection().end();
  }

  @Override
  public StreamEnd disconnect() throws InterruptedException {
    Place at = place;
    while (true) {
      StreamEnd end = lost;
      if (end != null) {
        return end;
      }
      try {
        return at.connection().disconnect();
      } catch (ConnectionMovedException e) {
        at = successor(at).orElse(at);
      }
    }
  }

  @Override
  public void abort() {
    atOwner(RdmaConnection::abort);
    onClosed.accept(this);
  }

  @Override
  public void close() {
    atOwner(RdmaConnection::close);
    regions.values().forEach(MovableRegion::close);
    onClosed.accept(this);
  }

  private void atOwner(Consumer<RdmaConnection> action) {
    Place at = place;
    while (lost == null) {
      try {
        action.accept(at.connection());
        return;
      } catch (ConnectionMovedException e) {
        at = successor(at).orElse(at);
      }
    }
  }

  @Override
  public String toString() {
    return localAddress() + " to " + remoteAddress() + " at " + place.owner().name();
  }
}
