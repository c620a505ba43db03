package dev.offramp.runtime.paths;

import static dev.offramp.api.descriptor.DescriptorFields.LOCAL_ADDRESS;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.REMOTE_ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.linux.PathFacts.PathQuery;
import dev.offramp.linux.PathMonitor;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.move.MovableConnection;
import dev.offramp.runtime.move.OpenRnic;
import dev.offramp.spi.RnicException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the host decides anew reaches the RNIC that sends the frames, and nobody else. */
@Timeout(60)
class PathUpdatesTest {
  private static final MacAddress A = new MacAddress(0x02_00_00_00_00_0aL);
  private static final MacAddress B = new MacAddress(0x02_00_00_00_00_0bL);
  private static final Set<FieldKey<?>> BOTH = Set.of(NEXT_HOP_MAC, PATH_MTU_BYTES);
  private static final Set<FieldKey<?>> ALL = Set.copyOf(PathMonitor.fields());

  private final InetSocketAddress local = end("192.0.2.1");
  private final InetSocketAddress remote = end("192.0.2.2");
  private final FakeSource source = new FakeSource();
  private final PathUpdates updates =
      new PathUpdates(() -> {
        source.opened++;
        return source;
      });

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNeighboursNewAddressReachesTheRnic(boolean v6) throws Exception {
    FramingRnic rnic = new FramingRnic(BOTH, BOTH);
    try (Topology topology = Topology.create()) {
      Topology.Node host = topology.host();
      Topology.Node peer = topology.peer();
      InetSocketAddress own = new InetSocketAddress(v6 ? host.ipv6() : host.ipv4(), 4000);
      InetAddress other = v6 ? peer.ipv6() : peer.ipv4();
      MovableConnection connection = connection(rnic, own, new InetSocketAddress(other, 5000));
      try (PathUpdates real = PathUpdates.ofThisNamespace()) {
        IwarpConnectionDescriptor descriptor =
            described(own, new InetSocketAddress(other, 5000), peer.mac(), 1500);
        host.namespace()
            .call(() -> {
              real.arrived(connection, descriptor);
              return true;
            });
        CommandLine commands = CommandLine.in(host.namespace());
        commands.ip(
            "neigh",
            "replace",
            other.getHostAddress(),
            "lladdr",
            B.toString(),
            "dev",
            host.interfaceName(),
            "nud",
            "permanent");
        // What the kernel says as it is told: the old address is no news.
        IwarpConnectionDescriptor told = rnic.next();
        assertThat(told.value(NEXT_HOP_MAC)).isEqualTo(B);
        commands.ip("link", "set", host.interfaceName(), "mtu", "1400");
        assertThat(rnic.next().value(PATH_MTU_BYTES)).isEqualTo(1400);
      }
    }
  }

  @Test
  void whatTheRnicKnowsIsNotToldAgain() throws Exception {
    FramingRnic rnic = new FramingRnic(BOTH, BOTH);
    updates.arrived(connection(rnic, local, remote), described(local, remote, A, 1500));
    source.tell(described(local, remote, A, 1500), ALL);
    assertThat(rnic.told).isEmpty();
    source.tell(described(local, remote, B, 1500), Set.of(NEXT_HOP_MAC));
    assertThat(rnic.next().value(NEXT_HOP_MAC)).isEqualTo(B);
    assertThat(rnic.told).isEmpty();
  }

  /** Between the descriptor and the first look something may have changed. */
  @Test
  void aChangeDuringTheMoveIsTold() throws Exception {
    FramingRnic rnic = new FramingRnic(BOTH, BOTH);
    updates.arrived(connection(rnic, local, remote), described(local, remote, A, 1500));
    source.tell(described(local, remote, B, 1500), ALL);
    assertThat(rnic.next().value(NEXT_HOP_MAC)).isEqualTo(B);
  }

  @Test
  void anRnicWhoseFramesTheHostMakesIsNotFollowed() {
    FramingRnic rnic = new FramingRnic(Set.of(LOCAL_ADDRESS), Set.of());
    updates.arrived(connection(rnic, local, remote), described(local, remote, A, 1500));
    assertThat(source.listeners).isEmpty();
    assertThat(source.opened).isZero();
  }

  @Test
  void whatAnRnicDoesNotUseIsNotTold() {
    FramingRnic rnic = new FramingRnic(Set.of(NEXT_HOP_MAC), Set.of(NEXT_HOP_MAC));
    updates.arrived(connection(rnic, local, remote), described(local, remote, A, 1500));
    source.tell(described(local, remote, A, 1400), Set.of(PATH_MTU_BYTES));
    assertThat(rnic.told).isEmpty();
  }

  @Test
  void anRnicThatTakesNoChangesIsRecordedWithTheReason() throws Exception {
    FramingRnic fixed = new FramingRnic(BOTH, Set.of());
    FramingRnic failing = new FramingRnic(BOTH, BOTH);
    failing.failure = new RnicException("no answer to a write of the table");
    FramingRnic good = new FramingRnic(BOTH, BOTH);
    Path file = Files.createTempFile("paths", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.offramp.PathUpdate");
      recording.start();
      for (FramingRnic rnic : List.of(fixed, failing, good)) {
        updates.arrived(connection(rnic, local, remote), described(local, remote, A, 1500));
      }
      source.tell(described(local, remote, B, 1500), Set.of(NEXT_HOP_MAC));
      recording.stop();
      recording.dump(file);
      List<RecordedEvent> events = RecordingFile.readAllEvents(file);
      assertThat(events).extracting(e -> e.getBoolean("taken")).containsExactly(false, false, true);
      assertThat(events)
          .extracting(e -> e.getString("changed"))
          .containsOnly("[" + NEXT_HOP_MAC.name() + "]");
      assertThat(events.getFirst().getString("reason")).contains("takes changes of []");
      assertThat(events.get(1).getString("reason")).contains("no answer");
    } finally {
      Files.delete(file);
    }
    assertThat(fixed.told).isEmpty();
    assertThat(good.next().value(NEXT_HOP_MAC)).isEqualTo(B);
  }

  @Test
  void oneThatIsForgottenOrComesAgainIsFollowedNoMoreThanOnce() {
    FramingRnic rnic = new FramingRnic(BOTH, BOTH);
    MovableConnection connection = connection(rnic, local, remote);
    updates.arrived(connection, described(local, remote, A, 1500));
    updates.arrived(connection, described(local, remote, A, 1500));
    assertThat(source.listeners).hasSize(1);
    assertThat(source.opened).isEqualTo(1);
    updates.forget(connection);
    updates.forget(connection);
    assertThat(source.listeners).isEmpty();
    updates.close();
    assertThat(source.closed).isTrue();
    updates.arrived(connection, described(local, remote, A, 1500));
    assertThat(source.listeners).isEmpty();
  }

  private static MovableConnection connection(
      FramingRnic rnic, InetSocketAddress local, InetSocketAddress remote) {
    RdmaConnection inner =
        (RdmaConnection)
            Proxy.newProxyInstance(
                RdmaConnection.class.getClassLoader(),
                new Class<?>[] {RdmaConnection.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "localAddress" -> local;
                      case "remoteAddress" -> remote;
                      case "toString" -> "the connection";
                      default -> throw new AssertionError(method.getName());
                    });
    return new MovableConnection(new OpenRnic("framing", rnic, rnic), inner, gone -> {});
  }

  private static InetSocketAddress end(String address) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), 7);
  }

  private static IwarpConnectionDescriptor described(
      InetSocketAddress local, InetSocketAddress remote, MacAddress nextHop, int mtuBytes) {
    return IwarpConnectionDescriptor.builder()
        .present(LOCAL_ADDRESS, local, "test")
        .present(REMOTE_ADDRESS, remote, "test")
        .present(NEXT_HOP_MAC, nextHop, "test")
        .present(PATH_MTU_BYTES, mtuBytes, "test")
        .build();
  }

  /** Tells what a test wants. */
  private static final class FakeSource implements PathUpdates.Source {
    private final List<PathMonitor.Listener> listeners = new ArrayList<>();
    private int opened;
    private boolean closed;

    @Override
    public PathMonitor.Following follow(PathQuery query, PathMonitor.Listener listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }

    void tell(IwarpConnectionDescriptor path, Set<FieldKey<?>> changed) {
      List.copyOf(listeners).forEach(listener -> listener.changed(path, changed));
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
