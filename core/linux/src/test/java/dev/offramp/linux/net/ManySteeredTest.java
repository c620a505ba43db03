package dev.offramp.linux.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.linux.net.TopologyTest.Family;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters by the thousand, filters of others, and no right to set any, on the real kernel. */
class ManySteeredTest {
  private static final int PORT = 7100;
  private static final int MANY = 5_000;
  private static final int EEXIST = 17;
  private static final int EPERM = 1;

  /** The host is reached at one port by many of the peer's, or reaches one of the peer's itself. */
  @ParameterizedTest
  @CsvSource({"IPV4, true", "IPV4, false", "IPV6, true", "IPV6, false"})
  void thousandsComeAndGoInAnyOrder(Family family, boolean hostListens) throws Exception {
    long seed = System.nanoTime();
    try (Topology topology = Topology.create()) {
      SteeredNic nic = topology.nic();
      List<FourTuple> tuples = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        tuples.add(
            hostListens
                ? tuple(topology, family, PORT, 10_000 + i)
                : tuple(topology, family, 10_000 + i, PORT));
      }
      for (FourTuple tuple : tuples) {
        nic.steer(tuple);
      }
      assertThat(nic.steered()).hasSize(MANY);
      assertThat(filters(topology, "ingress")).isEqualTo(1 + MANY);
      assertThat(filters(topology, "egress")).isEqualTo(MANY);

      Collections.shuffle(tuples, new Random(seed));
      FourTuple last = tuples.getLast();
      for (FourTuple tuple : tuples) {
        nic.open(tuple);
        if (!tuple.equals(last)) {
          nic.unsteer(tuple);
        }
      }
      assertThat(nic.steered()).as("seed %d", seed).containsExactly(last);
      assertThat(filters(topology, "ingress")).as("seed %d", seed).isEqualTo(2);
      assertThat(filters(topology, "egress")).as("seed %d", seed).isZero();
      reachesTheNic(topology, last, hostListens);
    }
  }

  /** All have both bytes in common by which they are found. */
  @Test
  void portsThatEndAlikeAreToldApart() throws Exception {
    try (Topology topology = Topology.create()) {
      for (int i = 1; i < 200; i++) {
        topology.nic().steer(tuple(topology, Family.IPV4, PORT, i << 8 | 7));
      }
      FourTuple one = tuple(topology, Family.IPV4, PORT, 100 << 8 | 7);
      topology.nic().open(one);
      reachesTheNic(topology, one, true);
      topology.nic().unsteer(one);
      assertThat(filters(topology, "ingress")).isEqualTo(1 + 198);
    }
  }

  @Test
  void onesOwnNamespaceIsMeantWhateverTheInterfacesAreCalled() throws Exception {
    try (Topology first = Topology.create();
        Topology second = Topology.create()) {
      first.nic().steer(tuple(first, Family.IPV4, PORT, 5_000));
      assertThat(filters(first, "ingress")).isEqualTo(2);
      assertThat(filters(second, "ingress")).isEqualTo(1);
      assertThat(filters(second, "egress")).isZero();
    }
  }

  /** A process that died while its namespace lived on leaves its filters there. */
  @Test
  void whatSomebodyLeftIsRefusedWithAWayOut() throws Exception {
    try (Topology topology = Topology.create()) {
      topology.nic().steer(tuple(topology, Family.IPV4, PORT, 5_000));
      assertThatThrownBy(
              () -> Steering.open(topology.nicNamespace(), "wire", "port", "offramp-sink0"))
          .isInstanceOfSatisfying(
              SteeringException.class,
              e -> {
                assertThat(e.errno()).isEqualTo(EEXIST);
                assertThat(e.explanation()).contains("Exclusivity flag on");
                assertThat(e.remedy()).contains("tc qdisc del dev DEVICE clsact");
                assertThat(e.getSuppressed()).isEmpty();
              });
      // What was there is still there.
      assertThat(filters(topology, "ingress")).isEqualTo(2);

      CommandLine commands = CommandLine.in(topology.nicNamespace());
      commands.tc("qdisc", "del", "dev", "wire", "clsact");
      commands.tc("qdisc", "del", "dev", "port", "clsact");
      try (Steering next =
          Steering.open(topology.nicNamespace(), "wire", "port", "offramp-sink0")) {
        FourTuple tuple = tuple(topology, Family.IPV6, PORT, 5_001);
        assertThat(next.steer(tuple)).isNotZero();
        assertThat(filters(topology, "ingress")).isEqualTo(2);
      }
      // The first NIC's filters went with its qdisc, which is no failure.
      topology.nic().unsteer(tuple(topology, Family.IPV4, PORT, 5_000));
    }
  }

  /** Its claim has gone with it; its sink and its filters have not. */
  @Test
  void whatADeadProcessLeftGoesWhenTheNextOpensANic() throws Exception {
    try (Topology topology = Topology.create()) {
      FourTuple tuple = tuple(topology, Family.IPV4, PORT, 5_000);
      topology.nic().close();
      CommandLine.in(topology.nicNamespace()).ip("link", "add", "offramp-sink0", "type", "veth");
      Steering left = Steering.open(topology.nicNamespace(), "wire", "port", "offramp-sink0");
      left.guard(tuple);
      left.steer(tuple);
      assertThat(filters(topology, "ingress")).isEqualTo(2);
      assertThat(filters(topology, "egress")).isEqualTo(1);

      try (SteeredNic next = reopened(topology)) {
        assertThat(filters(topology, "ingress")).isEqualTo(1);
        assertThat(filters(topology, "egress")).isZero();
        next.steer(tuple);
        next.open(tuple);
        reachesTheNic(topology, tuple, true);
      }
    }
  }

  @Test
  void whileANicIsThereNobodyElseOpensOne() throws Exception {
    try (Topology topology = Topology.create()) {
      topology.nic().steer(tuple(topology, Family.IPV4, PORT, 5_000));
      assertThatThrownBy(() -> reopened(topology))
          .isInstanceOf(NicInUseException.class)
          .hasMessageContaining("a process that lives has a NIC")
          .hasMessageContaining(topology.nicNamespace().path());
      assertThat(filters(topology, "ingress")).isEqualTo(2);
      assertThat(filters(topology, "egress")).isEqualTo(1);
    }
  }

  private static SteeredNic reopened(Topology topology) throws Exception {
    return SteeredNic.open(topology.nicNamespace(), "port", "wire", topology.nic().identity());
  }

  @Test
  void aFilterThatSomebodyElseTookAwayIsNoFailure() throws Exception {
    try (Topology topology = Topology.create()) {
      FourTuple tuple = tuple(topology, Family.IPV4, PORT, 5_000);
      topology.nic().steer(tuple);
      CommandLine.in(topology.nicNamespace())
          .tc("filter", "del", "dev", "wire", "ingress", "pref", "1000");
      topology.nic().unsteer(tuple);
      assertThat(topology.nic().steered()).isEmpty();
      assertThat(filters(topology, "egress")).isZero();
    }
  }

  @Test
  void withoutTheCapabilityTheKernelsRefusalIsTold() throws Exception {
    try (Topology topology = Topology.create()) {
      Process process =
          new ProcessBuilder(
                  "nsenter",
                  "--net=" + topology.nicNamespace().path(),
                  "setpriv",
                  "--bounding-set=-all",
                  "--inh-caps=-all",
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("jdk.module.path")
                      + File.pathSeparator
                      + System.getProperty("java.class.path"),
                  Unprivileged.class.getName())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      process.waitFor();
      assertThat(output).contains("errno " + EPERM).contains("CAP_NET_ADMIN").contains("EPERM");
      assertThat(filters(topology, "ingress")).isEqualTo(1);
    }
  }

  /** Tries to set a filter where it may not. */
  static final class Unprivileged {
    private Unprivileged() {}

    public static void main(String[] args) throws Exception {
      try {
        Steering.openHere("offramp-sink1", "offramp-sink0", "offramp-sink0").close();
        System.out.println("it may, and must not");
      } catch (SteeringException e) {
        System.out.println("errno " + e.errno() + ": " + e.getMessage());
      }
    }
  }

  private static void reachesTheNic(Topology topology, FourTuple tuple, boolean hostListens)
      throws Exception {
    if (hostListens) {
      try (ServerSocketChannel up =
              TestSockets.listen(
                  topology.nicNamespace(), tuple.local().getAddress(), tuple.local().getPort());
          SocketChannel client =
              TestSockets.connect(topology.peer().namespace(), tuple.remote(), tuple.local());
          SocketChannel atNic = TestSockets.accept(up)) {
        assertThat(TwoWay.intact(client, atNic, 1 << 20)).isTrue();
      }
    } else {
      try (ServerSocketChannel peer =
              TestSockets.listen(
                  topology.peer().namespace(),
                  tuple.remote().getAddress(),
                  tuple.remote().getPort());
          SocketChannel atNic =
              TestSockets.connect(topology.nicNamespace(), tuple.local(), tuple.remote());
          SocketChannel accepted = TestSockets.accept(peer)) {
        assertThat(TwoWay.intact(accepted, atNic, 1 << 20)).isTrue();
      }
    }
  }

  private static FourTuple tuple(Topology topology, Family family, int port, int peerPort) {
    return new FourTuple(
        new InetSocketAddress(family.of(topology.host()), port),
        new InetSocketAddress(family.of(topology.peer()), peerPort));
  }

  private static long filters(Topology topology, String direction) throws Exception {
    return CommandLine.in(topology.nicNamespace())
        .within(Duration.ofMinutes(2))
        .tc("filter", "show", "dev", "wire", direction)
        .lines()
        .filter(line -> line.contains(" fh ") && line.contains("flowid"))
        .count();
  }
}
