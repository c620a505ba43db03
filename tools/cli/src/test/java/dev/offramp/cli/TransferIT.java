package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A conversation begins in one process and ends in another, in a network namespace that takes the
 * IP address over. Needs root or {@code unshare -Urn}.
 */
@Timeout(180)
class TransferIT {
  private static final String HOST = "10.78.0.1";
  private static final String PEER = "10.78.0.2";

  @TempDir private Path directory;

  private NetworkNamespace old;
  private NetworkNamespace next;
  private NetworkNamespace peer;
  private Path key;
  private Path socket;

  /** Two hosts and the peer on one bridge, which is in the peer's namespace. */
  @BeforeEach
  void build() throws Exception {
    old = NetworkNamespace.create();
    next = NetworkNamespace.create();
    peer = NetworkNamespace.create();
    CommandLine atPeer = CommandLine.in(peer);
    atPeer.ip("link", "add", "br0", "type", "bridge");
    for (NetworkNamespace host : List.of(old, next)) {
      String port = host.equals(old) ? "port1" : "port2";
      atPeer.ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.path());
      atPeer.ip("link", "set", port, "master", "br0", "up");
      CommandLine.in(host).ip("link", "set", "eth0", "up");
      CommandLine.in(host).ip("link", "set", "lo", "up");
    }
    atPeer.ip("link", "set", "br0", "up");
    atPeer.ip("addr", "add", PEER + "/24", "dev", "br0");
    CommandLine.in(old).ip("addr", "add", HOST + "/24", "dev", "eth0");
    // The address is there for the socket, and nobody is told of it before the takeover.
    next.call(() -> Files.writeString(Path.of("/proc/sys/net/ipv4/conf/eth0/arp_ignore"), "8"));
    CommandLine.in(next).ip("addr", "add", HOST + "/24", "dev", "eth0");
    key =
        Files.write(directory.resolve("key"), "0123456789abcdef".getBytes(StandardCharsets.UTF_8));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    socket = directory.resolve("link");
  }

  @AfterEach
  void dismantle() {
    for (NetworkNamespace each : List.of(old, next, peer)) {
      each.close();
    }
  }

  private Cli.Running behind(NetworkNamespace where, String input, String... arguments)
      throws IOException {
    return Cli.startBehind(
        List.of("nsenter", "--net=" + where.path(), "sh", "-c", input + " | \"$0\" \"$@\""),
        arguments);
  }

  /** Says one thing to each thing that it hears. */
  private FutureTask<String> conversation(ServerSocketChannel server) {
    FutureTask<String> task =
        new FutureTask<>(() -> {
          try (SocketChannel channel = server.accept()) {
            StringBuilder heard = new StringBuilder();
            ByteBuffer bytes = ByteBuffer.allocate(100);
            int said = 0;
            while (channel.read(bytes.clear()) >= 0) {
              heard.append(StandardCharsets.US_ASCII.decode(bytes.flip()));
              said++;
              channel.write(StandardCharsets.US_ASCII.encode("answer " + said + "\n"));
            }
            return heard.toString();
          }
        });
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  @Test
  void theSecondProcessHearsTheRest() throws Exception {
    ServerSocketChannel server =
        peer.call(() ->
            ServerSocketChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress(PEER, 0)));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    FutureTask<String> atPeer = conversation(server);
    String mac =
        CommandLine.in(next)
            .ip("-o", "link", "show", "eth0")
            .replaceAll("(?s).*link/ether (\\S+).*", "$1");
    try (Cli.Running receiver =
        behind(
            next,
            "printf later",
            "transfer",
            "--at",
            socket.toString(),
            "--key-file",
            key.toString())) {
      awaitFile(socket);
      String takeover =
          "nsenter --net=%s ip addr del %s/24 dev eth0 && nsenter --net=%s ip neigh replace %s lladdr %s dev br0"
              .formatted(old.path(), HOST, peer.path(), HOST, mac);
      try (Cli.Running sender =
          behind(
              old,
              "printf early",
              "transfer",
              "--to",
              socket.toString(),
              "--connect",
              PEER + ":" + port,
              "--key-file",
              key.toString(),
              "--takeover",
              takeover,
              "--journal",
              directory.resolve("journal").toString())) {
        Cli.Result sent = sender.end();
        assertThat(sent.err()).contains("moved");
        assertThat(sent.exitCode()).isZero();
        assertThat(sent.out()).isEmpty();
      }
      Cli.Result received = receiver.end();
      assertThat(received.out()).isEqualTo("answer 1\nanswer 2\n");
      assertThat(received.err()).contains("received /" + HOST).contains("to /" + PEER);
      assertThat(received.exitCode()).isZero();
    } finally {
      server.close();
    }
    assertThat(atPeer.get(60, TimeUnit.SECONDS)).isEqualTo("earlylater");
    Cli.Result transfers = Cli.run("transfers", "--json", directory.resolve("journal").toString());
    assertThat(transfers.exitCode()).isZero();
    assertThat(transfers.out()).contains("\"ACTIVE\"", "\"NEW_OWNER\"", HOST);
  }

  /** In one network namespace, by processes without any capability. */
  @Test
  void theSecondProcessIsGivenTheSocket() throws Exception {
    ServerSocketChannel server =
        old.call(() ->
            ServerSocketChannel.open(StandardProtocolFamily.INET)
                .bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    FutureTask<String> atPeer = conversation(server);
    try (Cli.Running receiver = without("printf later", "--at", socket.toString())) {
      awaitFile(socket);
      try (Cli.Running sender =
          without("printf early", "--to", socket.toString(), "--connect", "127.0.0.1:" + port)) {
        Cli.Result sent = sender.end();
        assertThat(sent.err()).contains("moved");
        assertThat(sent.exitCode()).isZero();
      }
      Cli.Result received = receiver.end();
      assertThat(received.out()).isEqualTo("answer 1\nanswer 2\n");
      assertThat(received.err()).contains("received /127.0.0.1").contains(":" + port);
      assertThat(received.exitCode()).isZero();
    } finally {
      server.close();
    }
    assertThat(atPeer.get(60, TimeUnit.SECONDS)).isEqualTo("earlylater");
    assertThat(socket).doesNotExist();
  }

  private Cli.Running without(String input, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("transfer", "--pass-socket", "--key-file"));
    all.add(key.toString());
    all.addAll(List.of(arguments));
    return Cli.startBehind(
        List.of(
            "nsenter",
            "--net=" + old.path(),
            "setpriv",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "sh",
            "-c",
            input + " | \"$0\" \"$@\""),
        all.toArray(String[]::new));
  }

  private static void awaitFile(Path file) {
    while (!Files.exists(file)) {
      Thread.onSpinWait();
    }
  }
}
