package dev.offramp.provider.chelsio;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.connection.Admittance;
import dev.offramp.provider.chelsio.connection.ChelsioArrival;
import dev.offramp.provider.chelsio.connection.ChelsioConnection;
import dev.offramp.provider.chelsio.connection.ChipCapabilities;
import dev.offramp.provider.chelsio.connection.ConnectionSettings;
import dev.offramp.provider.chelsio.connection.HandBack;
import dev.offramp.provider.chelsio.connection.Running;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.OutOfDeviceMemoryException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A T5 or T6 that is up. */
final class ChelsioRnic implements Rnic {
  private final Adapter adapter;
  private final ConnectionSettings settings;
  private final RnicCapabilities capabilities;
  private final Set<ChelsioConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicReference<RdmaCounters> ended = new AtomicReference<>(RdmaCounters.ZERO);
  private volatile boolean closed;

  ChelsioRnic(Adapter adapter, ConnectionSettings settings) {
    this.adapter = adapter;
    this.settings = settings;
    this.capabilities = ChipCapabilities.of(adapter.parameters(), settings);
  }

  @Override
  public String ownerName() {
    return adapter.context().device().name();
  }

  @Override
  public RnicCapabilities capabilities() {
    return capabilities;
  }

  /** What is on the adapter; for tests that count. */
  Adapter adapter() {
    return adapter;
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    Admission refused = refusedIfDown();
    return refused != null
        ? refused
        : Admittance.of(profile, adapter.parameters(), adapter.resources().readsLeft());
  }

  private @Nullable Admission refusedIfDown() {
    String failure = closed ? "a closed RNIC" : adapter.failure();
    return failure == null
        ? null
        : Admission.refused(
            List.of(
                new Refusal(
                    RefusalReason.NO_OWNER,
                    failure,
                    "an adapter that is up",
                    "open Offramp again")));
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    Admission refused = refusedIfDown();
    Admission admission =
        refused != null
            ? refused
            : Admittance.ofStopped(
                descriptor, adapter.parameters(), adapter.resources().readsLeft());
    if (!admission.isAdmitted()) {
      throw TransferException.refused(TransferStep.PREPARE, admission.refusals());
    }
    try {
      RnicArrival arrival =
          ChelsioArrival.prepare(adapter, descriptor, settings, this::come, this::gone);
      if (closed) {
        arrival.abandon();
        adapter.requireUp();
      }
      return arrival;
    } catch (NoRoomException | OutOfDeviceMemoryException e) {
      throw TransferException.refused(
          TransferStep.PREPARE,
          List.of(
              new Refusal(
                  RefusalReason.NO_RESOURCES,
                  String.valueOf(e.getMessage()),
                  "room for one more connection",
                  "close connections, or raise the firmware configuration's limits")));
    } catch (RnicException e) {
      throw new TransferException(
          TransferStep.PREPARE, Whereabouts.OLD_OWNER, ownerName() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public ConnectionProfile profile(RdmaConnection connection) {
    ConnectionProfile known = Rnic.super.profile(connection);
    return connection instanceof ChelsioConnection own && connections.contains(own)
        ? Running.profile(adapter, own, known)
        : known;
  }

  /** {@inheritDoc} As patient as when it closes. */
  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    return depart(connection, Duration.ofNanos(settings.lingerNanos()));
  }

  @Override
  public Departure depart(RdmaConnection connection, DepartureNeeds needs)
      throws TransferException {
    return depart(connection, needs.timeout());
  }

  private Departure depart(RdmaConnection connection, Duration timeout) throws TransferException {
    if (connection instanceof ChelsioConnection own && connections.contains(own)) {
      return HandBack.depart(adapter, own, timeout);
    }
    throw TransferException.refused(
        TransferStep.ADMIT,
        List.of(
            new Refusal(
                RefusalReason.NO_OWNER,
                "a connection of " + connection.ownerName(),
                "one that " + ownerName() + " owns",
                "ask its owner")));
  }

  /** Not the VLAN tag: the filter that brings a connection's segments to it matches that, too. */
  @Override
  public Set<FieldKey<?>> updates() {
    return Set.of(DescriptorFields.NEXT_HOP_MAC);
  }

  @Override
  public void update(RdmaConnection connection, IwarpConnectionDescriptor cached)
      throws RnicException {
    if (!(connection instanceof ChelsioConnection own) || !connections.contains(own)) {
      throw new RnicException(
          "seen a connection of %s, expected one that %s owns; ask its owner"
              .formatted(connection.ownerName(), ownerName()));
    }
    if (cached.isKnown(DescriptorFields.NEXT_HOP_MAC)) {
      own.reroute(cached.value(DescriptorFields.NEXT_HOP_MAC));
    }
  }

  private void come(ChelsioConnection connection) {
    connections.add(connection);
  }

  private void gone(ChelsioConnection connection) {
    if (connections.remove(connection)) {
      ended.accumulateAndGet(connection.counters(), RdmaCounters::plus);
    }
  }

  @Override
  public RdmaCounters counters() {
    RdmaCounters sum = ended.get();
    for (ChelsioConnection connection : connections) {
      sum = sum.plus(connection.counters());
    }
    return sum;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    List<ChelsioConnection> left = List.copyOf(connections);
    // All at once, as each waits for an answer of its own.
    left.forEach(ChelsioConnection::beginShutDown);
    left.forEach(ChelsioConnection::shutDown);
    adapter.close();
  }
}
