package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.SpiVersion;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What is wrong with a driver: the places where a specimen departs from the honest driver that it
 * is made of. Everything is right unless it is overridden. One for each opened device.
 */
class Defect {
  SpiVersion spiVersion(SpiVersion honest) {
    return honest;
  }

  String id(String honest) {
    return honest;
  }

  boolean matches(Device device, boolean honest) {
    return honest;
  }

  /** What the driver is handed, seen through its own eyes. */
  DriverContext context(DriverContext context) {
    return context;
  }

  /** Called when the device is up. */
  void opened(DriverContext context) throws RnicException {}

  RnicCapabilities capabilities(RnicCapabilities honest) {
    return honest;
  }

  Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
    return inner.admits(profile);
  }

  /** What the driver takes the descriptor for. */
  IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor)
      throws TransferException {
    return descriptor;
  }

  /** What the driver hands to the stream port. */
  IwarpConnectionDescriptor preparing(IwarpConnectionDescriptor descriptor) {
    return descriptor;
  }

  /** Called when an arrival is prepared. */
  void arrived(DriverContext context, IwarpConnectionDescriptor descriptor)
      throws TransferException {}

  TransferException refused(TransferException honest) {
    return honest;
  }

  /** Called at each activation that works. */
  void activated(DriverContext context, IwarpConnectionDescriptor descriptor) {}

  /** Called at each abandon. */
  void abandoned(DriverContext context, IwarpConnectionDescriptor descriptor) {}

  /** Called when the device is closed. */
  void closed() {}

  /** What becomes of the octets of one connection. */
  StreamEdit stream(IwarpConnectionDescriptor descriptor) {
    return StreamEdit.NONE;
  }

  MpaResult mpa(MpaResult honest) {
    return honest;
  }

  InetSocketAddress address(InetSocketAddress honest) {
    return honest;
  }

  /** What the application is told of a request that is done. */
  List<Completion> completions(Completion honest) {
    return List.of(honest);
  }

  /** What it is told of all that are done. */
  List<Completion> batch(List<Completion> honest) {
    return honest;
  }

  StreamEnd end(StreamEnd honest) {
    return honest;
  }

  /** How often the runtime is told of the end of a stream. */
  int endsTold() {
    return 1;
  }

  /** Whether the runtime is told that a region has gone. */
  boolean tellsOfRegions() {
    return true;
  }

  /** Whether an abandoned arrival gives back what it holds. */
  boolean abandons() {
    return true;
  }

  /** Whether the stream is let go before anybody asks. */
  boolean activatesEarly() {
    return false;
  }

  /** Whether a second activation works. */
  boolean activatesTwice() {
    return false;
  }

  /** Whether each call gives another object for the connection. */
  boolean forgetsConnection() {
    return false;
  }

  /** How a connection is described that leaves. */
  Departure departing(Departure honest) {
    return honest;
  }

  /** Called before a departure. */
  void departs(RdmaConnection connection) throws TransferException {}

  /** The region that the application gets. */
  MemoryRegion region(MemoryRegion honest) {
    return honest;
  }

  /** The connection that the application gets. */
  RdmaConnection connection(RdmaConnection honest, DriverContext context) {
    return honest;
  }
}
