package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/**
 * The other end of many connections, in a process of its own: one process may not have files enough
 * for both. Says its ports, accepts as many connections as each line of its input asks for, and
 * ends with its input.
 */
final class ManyPeer {
  /** Where it listens unless told otherwise: several, so that no address runs out of ports. */
  static final List<String> LOOPBACKS = List.of("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4");

  /** What the connections share: source of Reads and target of Writes. */
  static final int SHARED_BYTES = Ring.SLOTS * ManyConnections.WRITE_BYTES;

  /** An STag and a tagged offset. */
  static final int GREETING_BYTES = Integer.BYTES + Long.BYTES;

  /** Commands; each with a number. */
  static final String OPEN_PLAIN = "plain";

  static final String OPEN_RDMA = "rdma";
  static final String CLOSE_PLAIN = "close";

  private final List<ServerSocketChannel> servers = new ArrayList<>();
  private final List<SocketChannel> plain = new ArrayList<>();
  private final List<RdmaConnection> offloaded = new ArrayList<>();
  private final MemorySegment shared = Arena.global().allocate(SHARED_BYTES, 4096);
  private final MemorySegment greeting = Arena.global().allocate(64);
  private final OfframpOwner owner = OfframpOwner.ofMany();

  private final List<String> addresses;

  private ManyPeer(List<String> addresses) {
    this.addresses = addresses;
  }

  public static void main(String[] args) throws Exception {
    new ManyPeer(List.of(args)).run();
  }

  private void run() throws Exception {
    for (String address : addresses) {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.bind(new InetSocketAddress(address, 0));
      servers.add(server);
      System.out.println(((InetSocketAddress) server.getLocalAddress()).getPort());
    }
    Scanner commands = new Scanner(System.in, StandardCharsets.US_ASCII);
    while (commands.hasNext()) {
      String kind = commands.next();
      int count = commands.nextInt();
      switch (kind) {
        case OPEN_PLAIN -> {
          for (int i = 0; i < count; i++) {
            plain.add(plain(accept(i)));
          }
        }
        case OPEN_RDMA -> {
          for (int i = 0; i < count; i++) {
            offloaded.add(rdma(accept(i)));
          }
        }
        default -> closePlain();
      }
      System.out.println("done");
    }
  }

  private SocketChannel accept(int index) throws IOException {
    SocketChannel tcp = servers.get(index % servers.size()).accept();
    tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return tcp;
  }

  private void closePlain() throws IOException {
    for (SocketChannel tcp : plain) {
      tcp.close();
    }
    plain.clear();
  }

  private static SocketChannel plain(SocketChannel tcp) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    tcp.read(one);
    tcp.write(one.flip());
    return tcp;
  }

  private RdmaConnection rdma(SocketChannel tcp) throws Exception {
    RdmaConnection rdma =
        owner.offload(
            tcp, MpaRole.RESPONDER, true, connection -> connection.post(new Receive(0, List.of())));
    rdma.completions().take();
    MemoryRegion region = rdma.register(shared, Access.REMOTE_WRITE, Access.REMOTE_READ);
    greeting.set(ValueLayout.JAVA_INT, 0, region.stag());
    greeting.set(ValueLayout.JAVA_LONG_UNALIGNED, Integer.BYTES, region.taggedOffset());
    MemoryRegion message = rdma.register(greeting);
    rdma.post(new Send(1, message.slice(0, GREETING_BYTES)));
    rdma.completions().take();
    message.close();
    return rdma;
  }
}
