package dev.offramp.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.linux.PathFacts.PathQuery;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.NetworkNamespace;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is remembered of a path is what the kernel has: every change is seen by the next question.
 */
class OwnNamespacePathsTest {
  private final AtomicInteger sent = new AtomicInteger();
  private NetworkNamespace namespace;
  private CommandLine commands;
  private OwnNamespacePaths paths;

  @BeforeEach
  void build() throws Exception {
    namespace = NetworkNamespace.create();
    commands = CommandLine.in(namespace);
    commands.ipBatch(
        List.of(
            "link set lo up",
            "link add va address 02:00:00:00:00:01 type veth peer name vb",
            "link set va up",
            "link set vb up",
            "addr add 10.1.1.1/24 dev va",
            "neigh replace 10.1.1.2 lladdr 02:00:00:00:00:09 dev va nud permanent",
            "link add vc address 02:00:00:00:00:0c type veth peer name vd",
            "addr add 10.2.2.1/24 dev vc",
            "link set vc up",
            "link set vd up",
            "neigh replace 10.2.2.2 lladdr 02:00:00:00:00:0d dev vc nud permanent"));
    LibC libc = counting(NativeAccess.libc());
    paths = namespace.call(() -> OwnNamespacePaths.openHere(libc));
    // News of the set-up, of addresses and of links that come up late, has to be over.
    while (paths.isNews()) {
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void close() {
    paths.close();
    namespace.close();
  }

  /** Questions are the only thing that is sent. */
  private LibC counting(LibC real) {
    return (LibC)
        Proxy.newProxyInstance(
            LibC.class.getClassLoader(),
            new Class<?>[] {LibC.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("send")) {
                sent.incrementAndGet();
              }
              return method.invoke(real, arguments);
            });
  }

  private EgressPath path() throws Exception {
    return paths.describe(
        new PathQuery(
            new InetSocketAddress(InetAddress.getByName("10.1.1.1"), 1000),
            new InetSocketAddress(InetAddress.getByName("10.1.1.2"), 2000),
            0,
            0,
            1));
  }

  private int questionsOf(EgressPath expected) throws Exception {
    int before = sent.get();
    assertThat(path()).isEqualTo(expected);
    return sent.get() - before;
  }

  @Test
  void onlyTheRouteIsAskedAgain() throws Exception {
    EgressPath first = path();
    assertThat(first.nextHopMac().value().toString()).isEqualTo("02:00:00:00:00:09");
    assertThat(first.sourceMac().value().toString()).isEqualTo("02:00:00:00:00:01");
    // The kernel may still have had something to tell during the first.
    int fewest = 3;
    for (int i = 0; i < 100 && fewest > 1; i++) {
      fewest = Math.min(fewest, questionsOf(first));
    }
    assertThat(fewest).isOne();
  }

  @Test
  void anotherNeighbourIsSeenAtOnce() throws Exception {
    path();
    for (int i = 0x10; i < 0x40; i++) {
      String mac = "02:00:00:00:00:" + Integer.toHexString(i);
      commands.ip("neigh", "replace", "10.1.1.2", "lladdr", mac, "dev", "va", "nud", "permanent");
      assertThat(path().nextHopMac().value().toString()).isEqualTo(mac);
    }
    commands.ip("neigh", "del", "10.1.1.2", "dev", "va");
    assertThat(path().nextHopMac().isKnown()).isFalse();
  }

  @Test
  void anotherAddressOfTheInterfaceIsSeenAtOnce() throws Exception {
    path();
    for (int i = 0x10; i < 0x20; i++) {
      String mac = "02:00:00:00:01:" + Integer.toHexString(i);
      commands.ip("link", "set", "va", "address", mac);
      assertThat(path().sourceMac().value().toString()).isEqualTo(mac);
    }
  }

  @Test
  void anotherRouteIsSeenAtOnce() throws Exception {
    assertThat(path().egressInterface().value()).isEqualTo("va");
    commands.ip("route", "add", "10.1.1.2/32", "via", "10.2.2.2", "dev", "vc");
    EgressPath moved = path();
    assertThat(moved.egressInterface().value()).isEqualTo("vc");
    assertThat(moved.nextHopMac().value().toString()).isEqualTo("02:00:00:00:00:0d");
  }

  /** More news than a socket keeps is news, too. */
  @Test
  void aFloodOfNewsIsNotMissed() throws Exception {
    path();
    StringBuilder flood = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      flood.append(
          "neigh replace 10.1.1.%d lladdr 02:00:00:00:%02x:%02x dev va nud permanent\n"
              .formatted(3 + i % 250, i >> 8, i & 0xFF));
    }
    flood.append("neigh replace 10.1.1.2 lladdr 02:00:00:00:00:77 dev va nud permanent");
    commands.ipBatch(flood.toString().lines().toList());
    assertThat(path().nextHopMac().value().toString()).isEqualTo("02:00:00:00:00:77");
  }

  /** The test's process is in one namespace, this thread in another. */
  @Test
  void noSocketStaysOpenInANamespaceThatCouldEnd() throws Exception {
    assertThat(namespace.call(() -> OwnNamespacePaths.open(NativeAccess.libc()) == null)).isTrue();
  }
}
