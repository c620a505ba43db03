package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.spi.RegionMemory;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** An X722 or E810 that is up. */
final class IntelRnic implements Rnic {
  /** RFC 7306 is not in the device: it has neither atomics nor immediate data for iWARP. */
  static final Set<Operation> OPERATIONS =
      Collections.unmodifiableSet(
          EnumSet.of(
              Operation.SEND,
              Operation.RECEIVE,
              Operation.WRITE,
              Operation.READ,
              Operation.LOCAL_INVALIDATE));

  private final Adapter adapter;
  private final IntelAdmission admission;
  private final RnicCapabilities capabilities;
  private final Set<IntelConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicReference<RdmaCounters> ended = new AtomicReference<>(RdmaCounters.ZERO);
  private volatile boolean closed;

  IntelRnic(Adapter adapter) {
    this.adapter = adapter;
    this.admission =
        new IntelAdmission(adapter.generation(), adapter.settings().lastStreamingBytes());
    this.capabilities = capabilities(adapter.generation(), adapter.settings());
  }

  @Override
  public String ownerName() {
    return adapter.context().device().name();
  }

  @Override
  public RnicCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return with(admission.of(profile), profile);
  }

  /** What comes along must fit, too. */
  private Admission with(Admission own, ConnectionProfile profile) {
    List<Refusal> refusals =
        new ArrayList<>(CarriedWork.refusals(profile, adapter.generation(), adapter.settings()));
    if (refusals.isEmpty()) {
      return own;
    }
    refusals.addAll(0, own.refusals());
    return Admission.refused(refusals);
  }

  /** {@inheritDoc} The numbers of messages that the driver counts are in it. */
  @Override
  public ConnectionProfile profile(RdmaConnection connection) {
    ConnectionProfile known = Rnic.super.profile(connection);
    if (!(connection instanceof IntelConnection here) || !connections.contains(here)) {
      return known;
    }
    IwarpConnectionDescriptor.Builder to = known.facts().toBuilder();
    here.enterAnyway();
    try {
      StoppedStream.describeNumbers(here, /* heard= */ true, to);
    } finally {
      here.exit();
    }
    return new ConnectionProfile(
        to.build(),
        known.unreadBytes(),
        known.unacknowledgedBytes(),
        known.unsentBytes(),
        known.obstacles());
  }

  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    return depart(connection, DepartureNeeds.none());
  }

  @Override
  public Departure depart(RdmaConnection connection, DepartureNeeds needs)
      throws TransferException {
    if (connection instanceof IntelConnection here && connections.contains(here)) {
      return IntelDeparture.of(adapter, here, needs);
    }
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.NO_OWNER,
                "a connection that this RNIC does not have",
                "one of [" + ownerName() + "]",
                "ask its owner")));
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    return arrive(descriptor, IntelRnic::noMemory);
  }

  private static MemorySegment noMemory(RegisteredMemory region) throws TransferException {
    throw noRoom(
        "STag [%08x] without its memory".formatted(region.stag()),
        "memory for each region",
        "arrive with a RegionMemory");
  }

  private static TransferException noRoom(String seen, String expected, String remedy) {
    return TransferException.refused(
        TransferStep.PREPARE,
        List.of(new Refusal(RefusalReason.NO_RESOURCES, seen, expected, remedy)));
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor, RegionMemory memory)
      throws TransferException {
    Admission answer = with(admission.ofStopped(descriptor), ConnectionProfile.of(descriptor));
    if (!answer.isAdmitted()) {
      throw TransferException.refused(TransferStep.PREPARE, answer.refusals());
    }
    if (closed) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_OWNER, "a closed RNIC", "an open one", "open Offramp again")));
    }
    List<RegisteredMemory> regions = descriptor.get(DescriptorFields.REGIONS).orElse(List.of());
    Map<Integer, MemorySegment> segments = new HashMap<>();
    for (RegisteredMemory region : regions) {
      if (region.valid()) {
        segments.put(region.stag(), checked(region, memory.of(region)));
      }
    }
    try {
      IntelConnection connection =
          new IntelConnection(
              adapter,
              QueuePair.prepare(adapter, descriptor),
              ConnectionFacts.of(adapter.generation(), descriptor),
              this::gone);
      connections.add(connection);
      return new IntelArrival(connection, adopt(connection, regions, segments));
    } catch (NoRoomException | OutOfDeviceMemoryException e) {
      throw noRoom(
          String.valueOf(e.getMessage()),
          "room for one more connection and its regions",
          "close connections, or raise the driver's limits");
    } catch (IOException e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, ownerName() + ": " + e.getMessage(), e);
    }
  }

  private static MemorySegment checked(RegisteredMemory region, MemorySegment memory)
      throws TransferException {
    boolean readOnly = memory.isReadOnly() && region.access().contains(Access.REMOTE_WRITE);
    if (!memory.isNative() || memory.byteSize() != region.sizeBytes() || readOnly) {
      throw noRoom(
          memory + " for STag [%08x]".formatted(region.stag()),
          "native memory of %d bytes with its rights".formatted(region.sizeBytes()),
          "give each region the memory that it had");
    }
    return memory;
  }

  /** Registers what came along; where that fails nothing of the connection stays. */
  private static Map<Integer, MemoryRegion> adopt(
      IntelConnection connection,
      List<RegisteredMemory> regions,
      Map<Integer, MemorySegment> segments)
      throws IOException {
    Map<Integer, MemoryRegion> there = new HashMap<>();
    boolean done = false;
    try {
      for (RegisteredMemory region : regions) {
        there.put(region.stag(), connection.regions().adopt(region, segments.get(region.stag())));
      }
      done = true;
      return there;
    } finally {
      if (!done) {
        connection.vanish(new StreamEnd.ClosedLocally());
      }
    }
  }

  /** Not the VLAN tag: no public command changes that of a QP that runs. */
  @Override
  public Set<FieldKey<?>> updates() {
    return Set.of(DescriptorFields.NEXT_HOP_MAC, DescriptorFields.PATH_MTU_BYTES);
  }

  @Override
  public void update(RdmaConnection connection, IwarpConnectionDescriptor cached)
      throws RnicException {
    if (connection instanceof IntelConnection here && here.isOf(adapter)) {
      here.update(cached);
      return;
    }
    throw new RnicException(
        "seen a connection of %s, expected one that %s owns; ask its owner"
            .formatted(connection.ownerName(), ownerName()));
  }

  /** Nothing of a connection is on the device any more. */
  private void gone(IntelConnection connection) {
    if (connections.remove(connection)) {
      ended.accumulateAndGet(connection.totals(), RdmaCounters::plus);
    }
  }

  @Override
  public RdmaCounters counters() {
    RdmaCounters sum = ended.get();
    for (IntelConnection connection : connections) {
      sum = sum.plus(connection.totals());
    }
    return sum;
  }

  /** What is taken of the device; for tests that count. */
  Adapter adapter() {
    return adapter;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    for (IntelConnection connection : List.copyOf(connections)) {
      connection.shutDown();
    }
    adapter.close();
  }

  private static RnicCapabilities capabilities(Generation generation, IntelSettings settings) {
    Generation.Limits limits = generation.limits();
    return new RnicCapabilities(
        OPERATIONS,
        TcpResidence.NEW_OWNER,
        Set.of(1, 2),
        /* sendMarkers= */ true,
        /* receiveMarkers= */ true,
        /* crcCanBeOff= */ true,
        limits.ird(),
        limits.ord(),
        DescriptorFields.MAX_PRIVATE_DATA_BYTES,
        limits.fragments(),
        limits.receiveFragments(),
        settings.sendQueueEntries(),
        settings.receiveQueueEntries(),
        /* needsDrainedSendQueue= */ true,
        // Inference: the unit in which MODIFY_QP counts a Terminate is not public (StreamLife).
        /* copiesBadSegments= */ false,
        ContextBuilder.consumed(),
        ContextBuilder.DEFAULTS);
  }
}
