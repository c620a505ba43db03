package dev.offramp.cli.matrix;

import dev.offramp.cli.matrix.MatrixCable.Place;
import dev.offramp.emulator.EmulatedAdapter;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.models.AdapterModel;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.runtime.device.Adapters;
import dev.offramp.runtime.stream.DetachedNics;
import dev.offramp.spi.Device;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer and a cable around the calling thread's network namespace. Owners that are not the host's
 * stack have their places in the cable. TCP timestamps are off at both ends, for no adapter can go
 * on with them.
 */
final class MatrixWorld implements AutoCloseable {
  private static final String NIC = "matrix";

  private final NetworkNamespace here;
  private final MatrixCable cable;
  private final DetachedNics.Registration nic;

  private MatrixWorld(NetworkNamespace here, MatrixCable cable, DetachedNics.Registration nic) {
    this.here = here;
    this.cable = cable;
    this.nic = nic;
  }

  static MatrixWorld open() throws IOException {
    NetworkNamespace here = NetworkNamespace.current();
    try {
      MatrixCable cable = MatrixCable.around(here);
      try {
        return new MatrixWorld(
            here,
            cable,
            DetachedNics.provide(NIC, cable.nic(Place.AT_PEER), cable.namespace(Place.AT_PEER)));
      } catch (RuntimeException | Error e) {
        cable.close();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      here.close();
      throw e;
    }
  }

  /** The value of {@link DetachedNics#SETTING}. */
  String nic() {
    return nic.name();
  }

  /** Both ends of a TCP connection: the host's, and the peer's. */
  record Ends(SocketChannel host, SocketChannel peer) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try (peer) {
        host.close();
      }
    }
  }

  Ends connect(boolean ipv6) throws IOException {
    Topology.Node peer = cable.peer();
    StandardProtocolFamily family =
        ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    InetAddress address = ipv6 ? peer.ipv6() : peer.ipv4();
    try (ServerSocketChannel listener =
        peer.namespace()
            .call(() -> ServerSocketChannel.open(family).bind(new InetSocketAddress(address, 0)))) {
      SocketChannel host = SocketChannel.open(family);
      host.connect(listener.getLocalAddress());
      Ends ends = new Ends(host, listener.accept());
      ends.host().setOption(StandardSocketOptions.TCP_NODELAY, true);
      ends.peer().setOption(StandardSocketOptions.TCP_NODELAY, true);
      return ends;
    }
  }

  /** An adapter that is there for one pair only. */
  static final class PluggedAdapter implements AutoCloseable {
    private final String name;
    private final EmulatedAdapter adapter;
    private final Adapters.Registration registration;

    private PluggedAdapter(String name, EmulatedAdapter adapter) {
      Device kind = adapter.device();
      this.name = name;
      this.adapter = adapter;
      this.registration =
          Adapters.provide(
              new Device(name, kind.kind(), kind.vendorId(), kind.deviceId()), adapter.window());
    }

    /** What is wrong with it after its driver has let go of it. */
    List<String> complaints() {
      List<String> complaints = new ArrayList<>();
      adapter.model().complaints().forEach(complaint -> complaints.add(name + ": " + complaint));
      complaints.addAll(kept());
      return complaints;
    }

    /** What its driver has not given back. */
    List<String> kept() {
      List<String> complaints = new ArrayList<>();
      if (!adapter.memory().leaks().isEmpty()) {
        complaints.add(name + ": the driver has not given back " + adapter.memory().leaks());
      }
      if (adapter.claimCount() != 0) {
        complaints.add(name + ": " + adapter.claimCount() + " connections are still claimed");
      }
      return complaints;
    }

    AdapterModel model() {
      return adapter.model();
    }

    @Override
    public void close() {
      registration.close();
      adapter.close();
    }
  }

  PluggedAdapter plug(AdapterModelFactory kind, String name, Place place) throws IOException {
    return plug(kind, name, place, Faults.NONE);
  }

  PluggedAdapter plug(AdapterModelFactory kind, String name, Place place, Faults faults)
      throws IOException {
    return new PluggedAdapter(
        name, EmulatedAdapter.open(kind, cable.nic(place), cable.namespace(place), faults));
  }

  Topology.Node peer() {
    return cable.peer();
  }

  /** All in which connections can have their TCP. */
  List<NetworkNamespace> namespaces() {
    return List.of(
        here,
        cable.peer().namespace(),
        cable.namespace(Place.AT_PEER),
        cable.namespace(Place.AT_HOST));
  }

  /** What the peer sees, wherever a connection is. */
  Topology.Node host() {
    return cable.host();
  }

  @Override
  public void close() throws IOException {
    nic.close();
    try {
      cable.close();
    } finally {
      here.close();
    }
  }
}
