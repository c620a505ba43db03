package dev.offramp.cli.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Send;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The code of README.md, as it stands there. */
final class ReadmeSnippet {
  private ReadmeSnippet() {}

  static void run(InetSocketAddress server) throws IOException, InterruptedException {
    try (SocketChannel tcp = SocketChannel.open(server);
        Offramp offramp = Offramp.open()) {
      tcp.write(ByteBuffer.wrap("any plain conversation\n".getBytes(UTF_8)));
      try (RdmaConnection rdma = offramp.offload(tcp, Mpa.initiator().build())) {
        MemoryRegion region = rdma.allocate(64);
        region.segment().setString(0, "hello over RDMA");
        rdma.post(new Send(region.whole()));
        Completion sent = rdma.completions().take();
        System.out.println(sent.operation() + " " + sent.status());
        rdma.disconnect();
      }
    }
  }
}
