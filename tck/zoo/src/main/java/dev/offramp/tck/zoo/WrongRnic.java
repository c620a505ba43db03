package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RegionMemory;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.RnicException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An honest RNIC with one thing wrong. */
final class WrongRnic implements Rnic {
  private final DriverContext context;
  private final Defect defect;
  private final Rnic inner;
  private final Map<RdmaConnection, RdmaConnection> outer = new ConcurrentHashMap<>();

  WrongRnic(RnicDriver driver, DriverContext given, Defect defect) throws RnicException {
    this.defect = defect;
    this.context = defect.context(given);
    this.inner = driver.open(new WrongContext(context, defect, this::outerOf));
    defect.opened(context);
  }

  private RdmaConnection outerOf(RdmaConnection connection) {
    RdmaConnection known = outer.get(connection);
    return known == null ? connection : known;
  }

  private RdmaConnection wrap(RdmaConnection connection) {
    if (defect.forgetsConnection()) {
      outer.remove(connection);
    }
    return outer.computeIfAbsent(
        connection, c -> defect.connection(new WrongConnection(c, defect), context));
  }

  @Override
  public String ownerName() {
    return inner.ownerName();
  }

  @Override
  public RnicCapabilities capabilities() {
    return defect.capabilities(inner.capabilities());
  }

  @Override
  public Admission admits(ConnectionProfile profile) {
    return defect.admits(context, profile, inner);
  }

  @Override
  public Set<Quiet> arrivalNeeds() {
    return inner.arrivalNeeds();
  }

  @Override
  public Departure depart(RdmaConnection connection) throws TransferException {
    return depart(connection, DepartureNeeds.none());
  }

  @Override
  public Departure depart(RdmaConnection connection, DepartureNeeds needs)
      throws TransferException {
    RdmaConnection known = connection;
    for (Map.Entry<RdmaConnection, RdmaConnection> entry : outer.entrySet()) {
      if (entry.getValue().equals(connection)) {
        known = entry.getKey();
      }
    }
    defect.departs(known);
    return defect.departing(inner.depart(known, needs));
  }

  @Override
  public RdmaCounters counters() {
    return inner.counters();
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException {
    return arriveBy(descriptor, inner::arrive);
  }

  @Override
  public RnicArrival arrive(IwarpConnectionDescriptor descriptor, RegionMemory memory)
      throws TransferException {
    return arriveBy(descriptor, taken -> inner.arrive(taken, memory));
  }

  private interface Arriving {
    RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException;
  }

  private RnicArrival arriveBy(IwarpConnectionDescriptor descriptor, Arriving arriving)
      throws TransferException {
    RnicArrival arrival;
    try {
      arrival = arriving.arrive(defect.arriving(descriptor));
    } catch (TransferException e) {
      throw defect.refused(e);
    }
    defect.arrived(context, descriptor);
    return new RnicArrival() {
      private boolean active;

      @Override
      public RdmaConnection prepared() {
        return wrap(arrival.prepared());
      }

      @Override
      public RdmaConnection activate() {
        if (active && defect.activatesTwice()) {
          return wrap(arrival.prepared());
        }
        RdmaConnection connection = wrap(arrival.activate());
        active = true;
        defect.activated(context, descriptor);
        return connection;
      }

      @Override
      public void abandon() {
        if (defect.abandons()) {
          arrival.abandon();
        }
        defect.abandoned(context, descriptor);
      }
    };
  }

  @Override
  public void close() {
    inner.close();
    defect.closed();
  }
}
