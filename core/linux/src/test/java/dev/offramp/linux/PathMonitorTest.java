package dev.offramp.linux;

import static dev.offramp.api.descriptor.DescriptorFields.EGRESS_INTERFACE;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP;
import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SOURCE_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody changes by ip in a namespace is told to whoever follows a connection there. */
class PathMonitorTest {
  private static final long PATIENCE_SECONDS = 30;
  private static final String MAC_A = "02:00:00:00:00:0a";
  private static final String MAC_B = "02:00:00:00:00:0b";

  private final BlockingQueue<Told> news = new LinkedBlockingQueue<>();
  private TestNamespace host;
  private TestNamespace peer;
  private PathMonitor monitor;

  private record Told(IwarpConnectionDescriptor path, Set<FieldKey<?>> changed) {}

  @BeforeEach
  void build() throws Exception {
    host = new TestNamespace();
    peer = new TestNamespace();
    host.run(
        "ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1", "netns", peer.tid());
    host.run("ip", "link", "set", "up0", "up");
    peer.run("ip", "link", "set", "up1", "up");
    for (String own : new String[] {"10.9.0.1/24", "fd09::1/64"}) {
      host.run("ip", "address", "add", own, "dev", "up0", "nodad");
    }
    for (String own : new String[] {"10.9.0.2/24", "10.9.0.3/24", "fd09::2/64", "fd09::3/64"}) {
      peer.run("ip", "address", "add", own, "dev", "up1", "nodad");
    }
    monitor = PathMonitor.open(host);
  }

  @AfterEach
  void dismantle() {
    monitor.close();
    peer.close();
    host.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void neighbourRouteMtuAndInterfaceAreTold(boolean v6) throws Exception {
    String first = v6 ? "fd09::2" : "10.9.0.2";
    String second = v6 ? "fd09::3" : "10.9.0.3";
    String far = v6 ? "fd08::1" : "10.8.0.1";
    neighbour(first, MAC_A, "up0");
    route("replace", far, "via", first);
    try (PathMonitor.Following following = follow(v6, far)) {
      assertThat(following).isNotNull();
      Told now = next(told -> true);
      assertThat(now.changed).containsExactlyInAnyOrderElementsOf(PathMonitor.fields());
      assertThat(now.path.value(EGRESS_INTERFACE)).isEqualTo("up0");
      assertThat(now.path.value(NEXT_HOP)).isEqualTo(InetAddress.ofLiteral(first));
      assertThat(now.path.value(NEXT_HOP_MAC)).isEqualTo(mac(MAC_A));
      assertThat(now.path.value(PATH_MTU_BYTES)).isEqualTo(1500);
      assertThat(now.path.isKnown(VLAN_TAG)).isFalse();

      neighbour(first, MAC_B, "up0");
      now = next(told -> told.path.value(NEXT_HOP_MAC).equals(mac(MAC_B)));
      assertThat(now.changed).containsExactly(NEXT_HOP_MAC);

      neighbour(second, MAC_A, "up0");
      route("replace", far, "via", second);
      now = next(told -> told.changed.contains(NEXT_HOP));
      assertThat(now.path.value(NEXT_HOP)).isEqualTo(InetAddress.ofLiteral(second));
      assertThat(now.path.value(NEXT_HOP_MAC)).isEqualTo(mac(MAC_A));

      route("replace", far, "via", second, "mtu", "1400");
      now = next(told -> told.path.value(PATH_MTU_BYTES) == 1400);
      assertThat(now.changed).containsExactly(PATH_MTU_BYTES);

      route("replace", far, "via", second);
      host.run("ip", "link", "set", "up0", "mtu", "1300");
      next(told -> told.path.value(PATH_MTU_BYTES) == 1300);

      host.run("ip", "link", "set", "up0", "address", MAC_B);
      next(told -> told.path.value(SOURCE_MAC).equals(mac(MAC_B)));

      // Another interface; a VLAN's looks the same from here, and not every kernel has those.
      String beyond = v6 ? "fd07::2" : "10.7.0.2";
      host.run("ip", "link", "add", "up2", "type", "veth", "peer", "name", "up3");
      host.run("ip", "link", "set", "up2", "up");
      String own = v6 ? "fd07::1/64" : "10.7.0.1/24";
      host.run("ip", "address", "add", own, "dev", "up2", "nodad");
      neighbour(beyond, MAC_A, "up2");
      route("replace", far, "via", beyond);
      now = next(told -> told.path.value(EGRESS_INTERFACE).equals("up2"));
      assertThat(now.path.value(NEXT_HOP)).isEqualTo(InetAddress.ofLiteral(beyond));
      assertThat(now.path.value(NEXT_HOP_MAC)).isEqualTo(mac(MAC_A));
      assertThat(now.changed).contains(EGRESS_INTERFACE, SOURCE_MAC, NEXT_HOP);
    }
  }

  /** Nobody on this host sends to the new gateway, and the owner needs its address all the same. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNextHopThatNobodyKnowsYetIsLookedFor(boolean v6) throws Exception {
    String first = v6 ? "fd09::2" : "10.9.0.2";
    String second = v6 ? "fd09::3" : "10.9.0.3";
    String far = v6 ? "fd08::1" : "10.8.0.1";
    MacAddress real =
        peer.call(
            () -> MacAddress.of(java.net.NetworkInterface.getByName("up1").getHardwareAddress()));
    neighbour(first, MAC_A, "up0");
    route("replace", far, "via", first);
    try (PathMonitor.Following following = follow(v6, far)) {
      assertThat(following).isNotNull();
      next(told -> true);
      route("replace", far, "via", second);
      Told now = next(told -> told.changed.contains(NEXT_HOP));
      assertThat(now.path.value(NEXT_HOP)).isEqualTo(InetAddress.ofLiteral(second));
      assertThat(now.path.value(NEXT_HOP_MAC)).isEqualTo(real);
    }
  }

  /** More is announced than the socket can keep: what is true in the end is told all the same. */
  @Test
  void lostNewsIsMadeUpFor() throws Exception {
    neighbour("10.9.0.2", MAC_A, "up0");
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Path batch = Files.createTempFile("neighbours", ".ip");
    try (PathMonitor.Following slow =
        monitor.follow(
            query(false, "10.9.0.2"),
            (path, changed) -> {
              told.countDown();
              try {
                if (!goOn.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                  throw new IllegalStateException("nobody let it go on");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              news.add(new Told(path, changed));
            })) {
      assertThat(slow).isNotNull();
      assertThat(told.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 4_000; i++) {
        lines.append("route replace 10.64.%d.%d dev up0%n".formatted(i >> 8, i & 255));
        lines.append(
            "neigh replace 10.9.0.77 lladdr 02:00:00:01:%02x:%02x dev up0 nud permanent%n"
                .formatted(i >> 8, i & 255));
      }
      lines.append("neigh replace 10.9.0.2 lladdr " + MAC_B + " dev up0 nud permanent\n");
      Files.writeString(batch, lines);
      host.run("ip", "-batch", batch.toString());
      goOn.countDown();
      next(one -> one.path.value(NEXT_HOP_MAC).equals(mac(MAC_B)));
    } finally {
      goOn.countDown();
      Files.delete(batch);
    }
  }

  @Test
  void whatIsNotFollowedIsNotTold() throws Exception {
    neighbour("10.9.0.2", MAC_A, "up0");
    neighbour("10.9.0.3", MAC_A, "up0");
    PathMonitor.Following over = follow(false, "10.9.0.2");
    next(told -> true);
    over.close();
    over.close();
    try (PathMonitor.Following other = follow(false, "10.9.0.3")) {
      assertThat(other).isNotNull();
      next(told -> told.path.value(NEXT_HOP).equals(InetAddress.ofLiteral("10.9.0.3")));
      neighbour("10.9.0.2", MAC_B, "up0");
      neighbour("10.9.0.3", MAC_B, "up0");
      Told now = next(told -> true);
      assertThat(now.path.value(NEXT_HOP)).isEqualTo(InetAddress.ofLiteral("10.9.0.3"));
      assertThat(news).isEmpty();
    }
    monitor.close();
    monitor.close();
    assertThatThrownBy(() -> follow(false, "10.9.0.2")).isInstanceOf(IllegalStateException.class);
  }

  /** Where there is no way at present the last one stands, and the next one is told. */
  @Test
  void aWayThatIsGoneAndComesBackIsTold() throws Exception {
    neighbour("10.9.0.2", MAC_A, "up0");
    route("replace", "10.8.0.1", "via", "10.9.0.2");
    try (PathMonitor.Following following = follow(false, "10.8.0.1")) {
      assertThat(following).isNotNull();
      next(told -> true);
      route("del", "10.8.0.1", "via", "10.9.0.2");
      neighbour("10.9.0.3", MAC_B, "up0");
      route("replace", "10.8.0.1", "via", "10.9.0.3");
      Told now = next(told -> true);
      assertThat(now.path.value(NEXT_HOP_MAC)).isEqualTo(mac(MAC_B));
      assertThat(now.changed).containsExactlyInAnyOrder(NEXT_HOP, NEXT_HOP_MAC);
    }
  }

  private static MacAddress mac(String text) {
    return MacAddress.of(HexFormat.ofDelimiter(":").parseHex(text));
  }

  private PathMonitor.Following follow(boolean v6, String remote) {
    return monitor.follow(query(v6, remote), (path, changed) -> news.add(new Told(path, changed)));
  }

  private static PathFacts.PathQuery query(boolean v6, String remote) {
    return new PathFacts.PathQuery(
        new InetSocketAddress(InetAddress.ofLiteral(v6 ? "fd09::1" : "10.9.0.1"), 4000),
        new InetSocketAddress(InetAddress.ofLiteral(remote), 5000),
        0,
        0,
        0);
  }

  private Told next(Predicate<Told> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      Told told = news.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertThat(told).as("told within %d s", PATIENCE_SECONDS).isNotNull();
      if (wanted.test(told)) {
        return told;
      }
    }
  }

  private void neighbour(String address, String mac, String device) throws Exception {
    host.run("ip", "neigh", "replace", address, "lladdr", mac, "dev", device, "nud", "permanent");
  }

  private void route(String what, String destination, String... more) throws Exception {
    String[] command = new String[4 + more.length];
    command[0] = "ip";
    command[1] = "route";
    command[2] = what;
    command[3] = destination;
    System.arraycopy(more, 0, command, 4, more.length);
    host.run(command);
  }
}
