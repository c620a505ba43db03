package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TopologyTest {
  private static final long BYTES = 40L << 20;
  private static final int PORT = 7000;

  enum Family {
    IPV4 {
      @Override
      InetAddress of(Topology.Node node) {
        return node.ipv4();
      }
    },
    IPV6 {
      @Override
      InetAddress of(Topology.Node node) {
        return node.ipv6();
      }
    },
    LINK_LOCAL {
      @Override
      InetAddress of(Topology.Node node) {
        return node.linkLocal();
      }
    };

    abstract InetAddress of(Topology.Node node);
  }

  static List<Family> families() {
    return List.of(Family.values());
  }

  @ParameterizedTest
  @MethodSource("families")
  void carriesPlainTcpBothWaysIntact(Family family) throws Exception {
    try (Topology topology = Topology.create()) {
      Topology.Node host = topology.host();
      Topology.Node peer = topology.peer();
      try (ServerSocketChannel server =
              TestSockets.listen(host.namespace(), family.of(host), PORT);
          SocketChannel client =
              TestSockets.connect(
                  peer.namespace(),
                  new InetSocketAddress(family.of(peer), 0),
                  new InetSocketAddress(peer.toReach(family.of(host)), PORT));
          SocketChannel accepted = TestSockets.accept(server)) {
        long start = System.nanoTime();
        assertThat(TwoWay.intact(client, accepted, BYTES)).isTrue();
        System.out.printf(
            "%s: 40 MiB each way in %d ms%n", family, (System.nanoTime() - start) / 1_000_000);
      }
    }
  }

  @Test
  void isAvailableWhereTheseTestsRun() {
    assertThat(Topology.obstacle()).isEmpty();
  }

  @Test
  void leavesNothingBehind() throws Exception {
    Topology.create().close(); // what starts once only
    long threads = namespaceThreads();
    long descriptors = descriptors();
    String here = CommandLine.here().ip("link");
    for (int i = 0; i < 3; i++) {
      try (Topology topology = Topology.create()) {
        assertThat(topology.nic().steered()).isEmpty();
      }
    }
    assertThat(namespaceThreads()).isEqualTo(threads);
    assertThat(descriptors()).isEqualTo(descriptors);
    assertThat(CommandLine.here().ip("link")).isEqualTo(here);
  }

  @Test
  void joinsANamespaceThatExists() throws Exception {
    try (NetworkNamespace mine = NetworkNamespace.create()) {
      CommandLine commands = CommandLine.in(mine);
      Topology.Plan plan = new Topology.Plan(3, "of3");
      try (Topology topology = Topology.around(mine, plan)) {
        assertThat(topology.host().namespace()).isSameAs(mine);
        assertThat(commands.ip("-o", "link")).contains("of3");
        assertThat(topology.host().ipv4().getHostAddress()).isEqualTo("10.77.3.1");
        assertThat(topology.host().ipv6().getHostAddress()).isEqualTo("fd00:77:3:0:0:0:0:1");
      }
      assertThat(commands.ip("-o", "link")).doesNotContain("of3");
    }
  }

  @Test
  void aNameThatIsTakenFailsAndLeavesNothingBehind() throws Exception {
    try (NetworkNamespace mine = NetworkNamespace.create()) {
      CommandLine commands = CommandLine.in(mine);
      commands.ip("link", "add", "taken", "type", "veth", "peer", "name", "taken2");
      long descriptors = descriptors();
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> Topology.around(mine, new Topology.Plan(0, "taken")))
          .isInstanceOf(CommandException.class)
          .hasMessageContaining("<<< link set taken netns");
      assertThat(descriptors()).isEqualTo(descriptors);
      assertThat(commands.ip("-o", "link").lines()).hasSize(3);
    }
  }

  static long namespaceThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("netns-"))
        .count();
  }

  /** Open descriptors that are network namespaces. */
  static long descriptors() throws Exception {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(TopologyTest::isNetworkNamespace).count();
    }
  }

  private static boolean isNetworkNamespace(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("net:[");
    } catch (java.io.IOException closedMeanwhile) {
      return false;
    }
  }
}
