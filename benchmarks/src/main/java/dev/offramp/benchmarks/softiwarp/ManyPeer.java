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
  /** Several, so that no address runs out of ports. */
  static final int ADDRESSES = 4;

  /** What the connections share: source of Reads and target of Writes. */
  static final int SHARED_BYTES = Ring.SLOTS * ManyConnections.WRITE_BYTES;

  /** An STag and a tagged offset. */
  static final int GREETING_BYTES = Integer.BYTES + Long.BYTES;

  private static final int QUEUE_ENTRIES = 128;

  private final List<ServerSocketChannel> servers = new ArrayList<>();
  private final List<Object> open = new ArrayList<>();
  private final MemorySegment shared = Arena.global().allocate(SHARED_BYTES, 4096);
  private final MemorySegment greeting = Arena.global().allocate(64);
  private final OfframpOwner owner = new OfframpOwner(QUEUE_ENTRIES);

  private ManyPeer() {}

  public static void main(String[] args) throws Exception {
    new ManyPeer().run();
  }

  private void run() throws Exception {
    for (int i = 0; i < ADDRESSES; i++) {
      ServerSocketChannel server = ServerSocketChannel.open();
      server.bind(new InetSocketAddress("127.0.0." + (i + 1), 0));
      servers.add(server);
      System.out.println(((InetSocketAddress) server.getLocalAddress()).getPort());
    }
    Scanner commands = new Scanner(System.in, StandardCharsets.US_ASCII);
    while (commands.hasNext()) {
      boolean plain = commands.next().equals("nio");
      int more = commands.nextInt();
      for (int i = 0; i < more; i++) {
        SocketChannel tcp = servers.get(i % ADDRESSES).accept();
        tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
        open.add(plain ? plain(tcp) : rdma(tcp));
      }
      System.out.println("done");
    }
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
